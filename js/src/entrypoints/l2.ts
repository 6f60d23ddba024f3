/** The model of L2 lies beside this file: it is read where there is a disk, and fetched when it is needed where there is none. */

import { modelAt } from "../similarity/source.js";
import type { L2Model } from "../types.js";

export const l2Model: L2Model = modelAt(new URL("./similarity.bin", import.meta.url));

export { type FetchL2ModelOptions, fetchL2Model } from "../similarity/source.js";
export type { L2Model } from "../types.js";
