/** What users of the AI SDK need beside a Shield. It holds neither the scanner nor its wasm, and imports no SDK. */
export { runeMiddleware } from "../adapters/ai-sdk/rune-middleware.js";
export type { RuneMiddleware, RuneMiddlewareOptions } from "../adapters/ai-sdk/types.js";
export type { Actor, Guarding } from "../adapters/guarding.js";
