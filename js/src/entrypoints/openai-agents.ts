/** What users of the OpenAI Agents SDK need beside a Shield. It holds neither the scanner nor its wasm, and imports no SDK. */
export type { Actor, Guarding, ToolGuardOptions } from "../adapters/guarding.js";
export { toolGuardrails } from "../adapters/openai-agents/tool-guardrails.js";
export type {
  GuardrailOutput,
  ToolGuardrail,
  ToolGuardrailOptions,
  ToolGuardrails,
} from "../adapters/openai-agents/types.js";
