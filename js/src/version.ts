/** The version of this package; `scripts/package.mjs` refuses to build when it is not the one of the other manifests. */
export const VERSION = "0.1.0";
