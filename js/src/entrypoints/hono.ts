/** What users of Hono need beside a Shield. It holds neither the scanner nor its wasm, and imports no framework. */
export type { Actor, Guarding } from "../adapters/guarding.js";
export { type HonoContext, rune } from "../adapters/hono/rune.js";
export type { HttpGuardOptions } from "../adapters/http/types.js";
