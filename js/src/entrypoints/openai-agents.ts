/** What users of the OpenAI Agents SDK need beside a Shield. It holds neither the scanner nor its wasm, and imports no SDK. */
export type { Actor, Guarding, ToolGuardOptions } from "../adapters/guarding.js";
export { guardTool } from "../adapters/openai-agents/guard-tool.js";
export type { AgentsToolOptions, FunctionTool } from "../adapters/openai-agents/types.js";
