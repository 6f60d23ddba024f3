/** Cloudflare Workers: the model is a data module, which the platform deploys with the code. */

import type { L2Model } from "../types.js";
import model from "./similarity.bin";

export const l2Model: L2Model = model;

export { type FetchL2ModelOptions, fetchL2Model } from "../similarity/source.js";
export type { L2Model } from "../types.js";
