// A model of the AI SDK behind a guard. This one is a mock that repeats what it is told; yours is openai("gpt-5") or any other.

import { Shield } from "@runesec/scanner";
import { runeMiddleware } from "@runesec/scanner/ai-sdk";
import { generateText, wrapLanguageModel } from "ai";
import { MockLanguageModelV4 } from "ai/test";

const [finishReason, usage] = [{ unified: "stop" }, { inputTokens: {}, outputTokens: {} }];
const echo = new MockLanguageModelV4({
  doGenerate: async ({ prompt }) => ({ content: prompt.at(-1).content, finishReason, usage, warnings: [] }),
});
const model = wrapLanguageModel({ model: echo, middleware: runeMiddleware(new Shield(), { agentId: "example" }) });
for (const prompt of process.argv.slice(2)) console.log((await generateText({ model, prompt })).text);
