import { type AnswerFormat, DONE } from "./answer-format.js";
import type { AnswerEvent, AnswerGuard } from "./answer-guard.js";
import { type Chosen, type Chunk, choicesOf } from "./choices.js";

interface Choice {
  readonly index?: number;
  readonly text?: unknown;
  readonly finish_reason?: string | null;
}

/** Completions of OpenAI as they were before there were chats, and of the many that are compatible. */
export class CompletionFormat implements AnswerFormat {
  readonly #guard: AnswerGuard;

  constructor(guard: AnswerGuard) {
    this.#guard = guard;
  }

  knows({ choices }: AnswerEvent): boolean {
    return Array.isArray(choices) && choices.some((choice) => typeof choice?.text === "string");
  }

  async *take(chunk: Chunk<Choice>): AsyncGenerator<AnswerEvent, undefined> {
    for (const chosen of choicesOf(chunk)) yield* this.#takeChoice(chosen);
  }

  end(): AsyncIterable<AnswerEvent> {
    return this.#guard.endAll();
  }

  ending(last: AnswerEvent): readonly (AnswerEvent | typeof DONE)[] {
    const { choices } = last as Chunk<Choice>;
    const finished = choices.map((choice) => ({ ...choice, text: "", finish_reason: "content_filter" }));
    return [last, { ...last, choices: finished }, DONE];
  }

  async *#takeChoice({ chunk, choice, usage }: Chosen<Choice>): AsyncGenerator<AnswerEvent, undefined> {
    const { index, text, finish_reason: finish } = choice;
    const key = `completion ${index}`;
    // Log probabilities would show what is held back.
    const saying = (said: string, finish_reason: string | null = null): AnswerEvent => ({
      ...chunk,
      choices: [{ ...choice, text: said, logprobs: null, finish_reason }],
    });
    const goesOn = typeof finish !== "string";
    if (typeof text === "string" && (goesOn || text !== ""))
      yield { ...saying(await this.#guard.take(key, text, saying)), ...(goesOn ? usage : {}) };
    if (goesOn) return;
    yield* await this.#guard.end(key);
    yield { ...saying("", finish), ...usage };
  }
}
