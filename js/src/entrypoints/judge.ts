/** Judges for layer L3: models that say whether a text is an attack. It holds neither the scanner nor its wasm. */
export { type AiSdkAnswer, type AiSdkJudgeOptions, type AiSdkModel, aiSdkJudge } from "../judge/ai-sdk.js";
export { type AnthropicJudgeOptions, anthropicJudge } from "../judge/anthropic.js";
export type { Judge, JudgedCategory, Judgement, JudgeRequest } from "../judge/judge.js";
export { type Complete, modelJudge } from "../judge/model-judge.js";
export { type OpenaiJudgeOptions, openaiJudge } from "../judge/openai.js";
export type { JudgePrompt } from "../judge/prompt.js";
export { type WorkersAi, type WorkersAiJudgeOptions, workersAiJudge } from "../judge/workers-ai.js";
