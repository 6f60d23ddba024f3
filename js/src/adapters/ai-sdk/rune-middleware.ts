import { BOOLEAN, CALLBACK, type Expectation, TEXTS } from "../../expectation.js";
import { guardedStream } from "../guarded-stream.js";
import type { Guarding } from "../guarding.js";
import { ACTOR, checkCall } from "../options.js";
import { deniedParts, NO_USAGE } from "./denied-parts.js";
import { GuardedParts } from "./guarded-parts.js";
import { deniedAnswer, ModelGuard } from "./model-guard.js";
import type { AnswerPart, PromptMessage, RuneMiddleware, RuneMiddlewareOptions, WholeAnswer } from "./types.js";

const OPTIONS: Readonly<Record<string, Expectation>> = {
  ...ACTOR,
  policies: TEXTS,
  asksJudge: BOOLEAN,
  waitUntil: CALLBACK,
};

/** What the SDK calls middleware with. */
interface Call {
  readonly params: { readonly prompt: readonly PromptMessage[] };
  doGenerate(): PromiseLike<WholeAnswer>;
  doStream(): PromiseLike<{ readonly stream: ReadableStream<AnswerPart> }>;
}

/**
 * Middleware for `wrapLanguageModel` of the AI SDK 7. Prompts are scanned before the model sees them, answers before anybody else
 * does, without personal data and secrets, and calls of tools go by the policies. What is blocked is replaced by a sentence that says
 * so, with the finish reason `content-filter`.
 *
 * @throws {ConfigurationError} when an argument or option is not what it must be
 */
export function runeMiddleware(shield: Guarding, options: RuneMiddlewareOptions = {}): RuneMiddleware {
  checkCall("runeMiddleware", shield, options, OPTIONS);
  const guard = new ModelGuard(shield, options);
  return {
    specificationVersion: "v4",
    async wrapGenerate({ params, doGenerate }: Call) {
      const denial = await guard.denialOfPrompt(params.prompt);
      if (denial !== null) return { ...deniedAnswer(denial), usage: NO_USAGE, warnings: [] };
      return guard.guardAnswer(await doGenerate());
    },
    async wrapStream({ params, doStream }: Call) {
      const denial = await guard.denialOfPrompt(params.prompt);
      if (denial !== null)
        return { stream: streamOf([{ type: "stream-start", warnings: [] }, ...deniedParts(denial, "blocked")]) };
      const { stream, ...rest } = await doStream();
      return { ...rest, stream: guardedStream(stream, new GuardedParts(guard)) };
    },
  };
}

function streamOf(parts: readonly object[]): ReadableStream<object> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}
