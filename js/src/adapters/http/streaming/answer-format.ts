import type { AnswerEvent } from "./answer-guard.js";

/** What ends the streams of some APIs. */
export const DONE = "[DONE]";

/** The events in which an API streams answers. What is handed on is a copy where it was changed, and the event itself where not. */
export interface AnswerFormat {
  /** Whether an event is one of this API. */
  knows(event: AnswerEvent): boolean;
  /** What is handed on in the place of an event. */
  take(event: AnswerEvent): AsyncIterable<AnswerEvent>;
  /** What was held back, when no more will come. */
  end(): AsyncIterable<AnswerEvent>;
  /** The events that end an answer, the first of which is this one, which says why it is over. */
  ending(last: AnswerEvent): readonly (AnswerEvent | typeof DONE)[];
}
