/** What web pages need beside a Shield. It holds neither the scanner nor its wasm. */
export { PromptGuard } from "../adapters/browser/prompt-guard.js";
export type { PromptGuardOptions, PromptSpan, PromptState, Scanning, TextField } from "../adapters/browser/types.js";
