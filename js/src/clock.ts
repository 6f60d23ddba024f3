/** Milliseconds from an arbitrary beginning; only differences mean something. */
export function nowMs(): number {
  return typeof performance === "undefined" ? Date.now() : performance.now();
}
