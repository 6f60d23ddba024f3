import { check } from "../expectation.js";
import { refused } from "./answer.js";
import type { Judge } from "./judge.js";
import { modelJudge } from "./model-judge.js";
import { required } from "./required.js";

/** What is used of a language model of the AI SDK, of versions 5 to 7 (`LanguageModelV2` to `LanguageModelV4`). */
export interface AiSdkModel {
  // biome-ignore lint/suspicious/noExplicitAny: the options differ from version to version; what is passed is common to them
  doGenerate(options: any): PromiseLike<AiSdkAnswer>;
}

/** What is read of a model's answer. */
export interface AiSdkAnswer {
  readonly content: readonly { readonly type: string; readonly text?: unknown }[];
  readonly finishReason: string | { readonly unified: string };
}

/** Options of `aiSdkJudge`. */
export interface AiSdkJudgeOptions {
  /** Such as `openai("gpt-5-mini")` of `@ai-sdk/openai`. */
  readonly model: AiSdkModel;
}

const OPTIONS = {
  model: {
    expected: "a language model of the AI SDK, such as `openai(…)` returns",
    accepts: (value: unknown) => typeof (value as { doGenerate?: unknown } | null)?.doGenerate === "function",
  },
} as const;

/**
 * A judge that is any language model of the AI SDK.
 *
 * @throws {ConfigurationError} when an option is missing, unknown or ill-typed
 */
export function aiSdkJudge(options: AiSdkJudgeOptions): Judge {
  check(options, OPTIONS, "judge option");
  const { model } = required(options, ["model"]);
  return modelJudge(async ({ system, user, schema }, abortSignal) => {
    const { content, finishReason } = await model.doGenerate({
      prompt: [
        { role: "system", content: system },
        { role: "user", content: [{ type: "text", text: user }] },
      ],
      responseFormat: { type: "json", schema, name: "judgement" },
      abortSignal,
    });
    const reason = typeof finishReason === "string" ? finishReason : finishReason.unified;
    if (reason === "content-filter") throw refused();
    return content.map(({ type, text }) => (type === "text" ? String(text) : "")).join("");
  });
}
