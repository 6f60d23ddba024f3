import { type AnswerFormat, DONE } from "./answer-format.js";
import type { AnswerEvent, AnswerGuard } from "./answer-guard.js";

interface Chunk extends AnswerEvent {
  readonly choices: readonly (Choice | null)[];
}

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

  async *take(chunk: Chunk): AsyncGenerator<AnswerEvent, undefined> {
    const { usage, ...uncounted } = chunk;
    const last = chunk.choices.length - 1;
    // Who adds up what was used must not find it in each event that comes of this one.
    for (const [n, choice] of chunk.choices.entries())
      yield* this.#takeChoice(uncounted as Chunk, choice ?? {}, n === last && usage ? { usage } : {});
  }

  end(): AsyncIterable<AnswerEvent> {
    return this.#guard.endAll();
  }

  ending(last: AnswerEvent): readonly (AnswerEvent | typeof DONE)[] {
    const { choices } = last as Chunk;
    const finished = choices.map((choice) => ({ ...choice, text: "", finish_reason: "content_filter" }));
    return [last, { ...last, choices: finished }, DONE];
  }

  /** @param usage what the last event that comes of the choice says of its use */
  async *#takeChoice(chunk: Chunk, choice: Choice, usage: object): AsyncGenerator<AnswerEvent, undefined> {
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
