import { ConfigurationError } from "../errors.js";
import { kindOf } from "../expectation.js";
import { malformed, readAnswer } from "./answer.js";
import type { Judge } from "./judge.js";
import { type JudgePrompt, promptFor } from "./prompt.js";

/** Has a model answer a prompt. */
export type Complete = (prompt: JudgePrompt, signal: AbortSignal) => Promise<string>;

/**
 * A judge that is a model of yours: it is told what `prompt` says, and what it writes is checked.
 *
 * @param complete returns what the model has written, all of it
 * @throws {ConfigurationError} when `complete` is no function
 */
export function modelJudge(complete: Complete): Judge {
  if (typeof complete !== "function") {
    throw new ConfigurationError(`expected a function that has a model answer, got ${kindOf(complete)}`);
  }
  return async (request) => {
    const prompt = promptFor(request);
    const answer: unknown = await complete(prompt, request.signal);
    if (typeof answer !== "string") throw malformed("is no text");
    return readAnswer(answer, prompt.nonce);
  };
}
