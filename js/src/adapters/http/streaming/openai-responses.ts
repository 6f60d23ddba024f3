import { answerOf, callIn, type OutputItem } from "../answers.js";
import type { AnswerFormat } from "./answer-format.js";
import type { AnswerEvent, AnswerGuard, HeldCall } from "./answer-guard.js";

interface ResponseEvent extends AnswerEvent {
  readonly type: string;
  readonly item_id?: string;
  readonly output_index?: number;
  readonly content_index?: number;
  readonly delta?: unknown;
  readonly text?: unknown;
  readonly refusal?: unknown;
  readonly part?: {
    readonly type?: string;
    readonly text?: unknown;
    readonly refusal?: unknown;
    readonly annotations?: unknown;
  } | null;
  readonly item?: OutputItem | null;
  readonly response?: { readonly output?: readonly OutputItem[] } | null;
}

/** Responses of OpenAI. What was said in pieces they repeat as a whole: the text, its part, its item, the response. */
export class ResponseFormat implements AnswerFormat {
  readonly #guard: AnswerGuard;
  /** By the place of each in the output. */
  readonly #calls = new Map<number | undefined, HeldCall>();
  /** Why each is not made; null when it is. */
  readonly #refusals = new Map<number | undefined, string | null>();
  /** The response before it was complete. */
  #response: object | null = null;
  /** The items that are whole. */
  readonly #items: OutputItem[] = [];
  /** The number of the latest event. */
  #latest = -1;
  /** What was handed on of the texts of an item, by its place. */
  readonly #said = new Map<number | undefined, Part[]>();

  constructor(guard: AnswerGuard) {
    this.#guard = guard;
  }

  knows({ type }: AnswerEvent): boolean {
    return typeof type === "string" && type.startsWith("response.");
  }

  async *take(event: ResponseEvent): AsyncGenerator<AnswerEvent, undefined> {
    for await (const each of this.#taken(event)) yield this.#numbered(each);
  }

  async *#taken(event: ResponseEvent): AsyncGenerator<AnswerEvent, undefined> {
    const { type, output_index: index, delta, text, refusal, part, item, response } = event;
    const key = `${index} ${event.content_index}`;
    const call = this.#calls.get(index);
    const begins = type === "response.output_item.added" && item ? callIn(item) : null;
    if (begins !== null) {
      const begun = { tool: begins.tool, input: "", events: [] };
      this.#calls.set(index, begun);
      this.#guard.hold(begun, event, "");
    } else if (type === "response.output_item.done" && call !== undefined) {
      yield* this.#decide(event, call);
    } else if (call !== undefined) {
      this.#guard.hold(call, event, "");
    } else if (type === "response.output_text.delta" && typeof delta === "string") {
      const saying = (said: string): AnswerEvent => {
        this.#partOf(event, { type: "output_text", text: "", annotations: [] }).text += said;
        return { ...event, delta: said, logprobs: [] };
      };
      yield saying(await this.#guard.take(key, delta, saying));
    } else if (type === "response.output_text.done" && typeof text === "string") {
      yield* await this.#guard.end(key);
      yield { ...event, text: this.#guard.redact(text), logprobs: [] };
    } else if (type === "response.output_text.annotation.added") {
      const [annotation] = this.#guard.cited([event["annotation"]]);
      yield { ...event, annotation };
    } else if (type === "response.refusal.delta" && typeof delta === "string") {
      const saying = (said: string): AnswerEvent => {
        this.#partOf(event, { type: "refusal", refusal: "" }).refusal += said;
        return { ...event, delta: said };
      };
      yield saying(await this.#guard.take(key, delta, saying));
    } else if (type === "response.refusal.done" && typeof refusal === "string") {
      yield* await this.#guard.end(key);
      yield { ...event, refusal: this.#guard.redact(refusal) };
    } else if (type === "response.content_part.done" && part?.type === "output_text" && typeof part.text === "string") {
      const annotations = this.#guard.cited(part.annotations);
      yield { ...event, part: { ...part, text: this.#guard.redact(part.text), annotations, logprobs: [] } };
    } else if (type === "response.content_part.done" && typeof part?.refusal === "string") {
      yield { ...event, part: { ...part, refusal: this.#guard.redact(part.refusal) } };
    } else if (item) {
      const repeated = await this.#repeated(item, index);
      if (type === "response.output_item.done") this.#items.push(repeated);
      yield { ...event, item: repeated };
    } else if (Array.isArray(response?.output)) {
      this.#response = response;
      const output = await Promise.all(response.output.map((each, n) => this.#repeated(each, n)));
      yield { ...event, response: { ...response, output } };
    } else yield event;
  }

  async *end(): AsyncGenerator<AnswerEvent, undefined> {
    for await (const event of this.#guard.endAll()) yield this.#numbered(event);
  }

  ending(last: AnswerEvent): readonly AnswerEvent[] {
    const event = last as ResponseEvent;
    const content = this.#said.get(event.output_index) ?? [];
    const item = { id: event.item_id, type: "message", role: "assistant", status: "incomplete", content };
    const output = [...this.#items, item];
    const incomplete_details = { reason: "content_filter" };
    const response = { ...this.#response, output, status: "incomplete", incomplete_details };
    const incomplete = { type: "response.incomplete", sequence_number: event["sequence_number"], response };
    return [last, ...endOf(event, item, event.content_index), incomplete].map((each) => this.#numbered(each));
  }

  /** An event with a number behind that of the one before, which of several that come of one event only the first has. */
  #numbered(event: AnswerEvent): AnswerEvent {
    const { sequence_number: number } = event;
    if (typeof number !== "number") return event;
    this.#latest = Math.max(this.#latest + 1, number);
    return number === this.#latest ? event : { ...event, sequence_number: this.#latest };
  }

  /** What was handed on of a part, which is as `begun` before anything was. */
  #partOf<P extends Part>({ output_index: index, content_index: n = 0 }: ResponseEvent, begun: P): P {
    const parts = this.#said.get(index) ?? [];
    this.#said.set(index, parts);
    parts[n] ??= begun;
    return parts[n] as P;
  }

  async *#decide(event: ResponseEvent, call: HeldCall): AsyncGenerator<AnswerEvent, undefined> {
    const { output_index, sequence_number, item } = event;
    this.#calls.delete(output_index);
    const told = (await this.#repeated(item ?? {}, output_index)) as Message;
    this.#items.push(told);
    if (told.type !== "message") {
      yield* call.events;
      return yield event;
    }
    const place = { item_id: told.id, output_index, content_index: 0, sequence_number };
    const [part] = told.content;
    yield { type: "response.output_item.added", output_index, sequence_number, item: { ...told, content: [] } };
    yield { type: "response.content_part.added", ...place, part: { ...part, text: "" } };
    yield { type: "response.output_text.delta", ...place, delta: part?.text, logprobs: [] };
    yield* endOf(place, told, 0);
  }

  /** An item as a whole: without personal data and secrets, or what is said in the place of a call that is not made. */
  async #repeated(item: OutputItem, index: number | undefined): Promise<OutputItem> {
    const output = [structuredClone(item)];
    const { texts = [], calls = [] } = answerOf({ output }) ?? {};
    for (const { text, replace } of texts) replace(this.#guard.redact(text));
    for (const { tool, params, replace } of calls) {
      const refusal = this.#refusals.has(index) ? this.#refusals.get(index) : await this.#guard.refusalOf(tool, params);
      this.#refusals.set(index, refusal ?? null);
      if (typeof refusal === "string") replace(refusal);
    }
    return output[0] ?? item;
  }
}

/** A part of a message. */
interface Part {
  readonly type: string;
  text?: string;
  refusal?: string;
}

interface Message extends OutputItem {
  readonly content: readonly Part[];
}

/** The events that end a text of a message, and the message with it. */
function endOf(where: AnswerEvent, item: { readonly content: readonly Part[] }, content_index = 0): AnswerEvent[] {
  const { item_id, output_index, sequence_number } = where;
  const place = { item_id, output_index, content_index, sequence_number };
  const part = item.content[content_index];
  const text =
    part?.type === "refusal"
      ? { type: "response.refusal.done", ...place, refusal: part.refusal }
      : { type: "response.output_text.done", ...place, text: part?.text, logprobs: [] };
  return [
    text,
    { type: "response.content_part.done", ...place, part },
    { type: "response.output_item.done", output_index, sequence_number, item },
  ];
}
