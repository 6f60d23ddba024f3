/** The same for `require`. */

import { modelAt } from "../similarity/source.js";
import type { L2Model } from "../types.js";

declare const __dirname: string;

export const l2Model: L2Model = modelAt(fileUrl(`${__dirname}/../similarity.bin`));

export { type FetchL2ModelOptions, fetchL2Model } from "../similarity/source.js";
export type { L2Model } from "../types.js";

function fileUrl(path: string): URL {
  const url = new URL("file:///");
  url.pathname = path.replaceAll("%", "%25").replaceAll("\\", "/");
  return url;
}
