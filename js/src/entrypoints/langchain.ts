/** What users of LangChain.js need beside a Shield. It holds neither the scanner nor its wasm, and imports no framework. */
export type { Actor, Guarding, ToolGuardOptions } from "../adapters/guarding.js";
export { runeMiddleware } from "../adapters/langchain/rune-middleware.js";
export type { RuneMiddleware, RuneMiddlewareOptions } from "../adapters/langchain/types.js";
