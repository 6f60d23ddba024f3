import type { AnswerEvent } from "./answer-guard.js";

/** An event of OpenAI with the choices that a model makes at once. */
export interface Chunk<Choice> extends AnswerEvent {
  readonly choices: readonly (Choice | null)[];
}

/** One choice of a chunk. */
export interface Chosen<Choice> {
  /** The chunk without what it says of use. */
  readonly chunk: Chunk<Choice>;
  readonly choice: Choice;
  /** What the last event that comes of the choice says of use. */
  readonly usage: { readonly usage?: unknown };
}

/** The choices of a chunk. Who adds up what was used must find it once, and not in each event that comes of the chunk. */
export function choicesOf<Choice extends object>({ usage, ...chunk }: Chunk<Choice>): Chosen<Choice>[] {
  const { choices } = chunk as Chunk<Choice>;
  return choices.map((choice, n) => ({
    chunk: chunk as Chunk<Choice>,
    choice: choice ?? ({} as Choice),
    usage: usage && n === choices.length - 1 ? { usage } : {},
  }));
}
