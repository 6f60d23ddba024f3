import type { StreamGuard } from "../../guarded-stream.js";
import { isText } from "../body.js";
import { type AnswerFormat, DONE } from "./answer-format.js";
import { AnswerBlocked, type AnswerEvent, type AnswerGuard } from "./answer-guard.js";
import { AnthropicFormat } from "./anthropic.js";
import { ChatFormat } from "./openai-chat.js";
import { CompletionFormat } from "./openai-completions.js";
import { ResponseFormat } from "./openai-responses.js";
import { type SseEvent, SseParser } from "./sse.js";
import { UiMessageFormat } from "./ui-messages.js";

/** The events of an answer with a guard in them. Those that are of no API that is known are handed on as they came, in their place. */
export class GuardedEvents implements StreamGuard<Uint8Array, Uint8Array> {
  readonly #parser: SseParser;
  readonly #guard: AnswerGuard;
  readonly #formats: readonly AnswerFormat[];
  /** Those of which there were events, by the first. */
  readonly #met = new Set<AnswerFormat>();
  /** How events came that are handed on as they are, now or later. */
  readonly #raws = new WeakMap<AnswerEvent, Uint8Array>();
  /** The name of the last event, if they have names. */
  #name: string | null = null;
  /** Null before the first bytes. */
  #isText: boolean | null = null;
  #isOver = false;

  constructor(guard: AnswerGuard, maxEventBytes: number) {
    this.#parser = new SseParser(maxEventBytes);
    this.#guard = guard;
    this.#formats = [
      new ChatFormat(guard),
      new CompletionFormat(guard),
      new AnthropicFormat(guard),
      new ResponseFormat(guard),
      new UiMessageFormat(guard),
    ];
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async *take(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
    this.#isText ??= isText(bytes);
    if (!this.#isText) {
      yield bytes;
      return;
    }
    for (const event of this.#parser.push(bytes)) {
      yield* this.#takeEvent(event);
      if (this.#isOver) return;
    }
  }

  async *end(): AsyncGenerator<Uint8Array, undefined> {
    // Without a blank line behind it an event is none, but not for all who read.
    const last = this.#parser.end();
    if (last !== null) yield* this.#takeEvent(last);
    yield* this.#endFormats();
  }

  close(): Promise<void> {
    return this.#guard.close();
  }

  async *#takeEvent(event: SseEvent): AsyncGenerator<Uint8Array, undefined> {
    if (event.data === DONE) yield* this.#endFormats();
    const data = dataOf(event);
    const format = data === null ? undefined : this.#formats.find((each) => each.knows(data));
    if (data === null || format === undefined) {
      if (!this.#isOver) yield event.raw;
      return;
    }
    this.#met.add(format);
    this.#name = event.name;
    this.#raws.set(data, event.raw);
    yield* this.#written(format, format.take(data), event.otherLines);
  }

  async *#endFormats(): AsyncGenerator<Uint8Array, undefined> {
    for (const format of this.#met) {
      if (!this.#isOver) yield* this.#written(format, format.end(), "");
    }
  }

  async *#written(
    format: AnswerFormat,
    events: AsyncIterable<AnswerEvent>,
    otherLines: string,
  ): AsyncGenerator<Uint8Array, undefined> {
    try {
      for await (const event of events) yield this.#raws.get(event) ?? this.#bytesOf(event, otherLines);
    } catch (error) {
      if (!(error instanceof AnswerBlocked)) throw error;
      this.#isOver = true;
      for (const event of format.ending(error.event)) yield this.#bytesOf(event, otherLines);
    }
  }

  #bytesOf(event: AnswerEvent | typeof DONE, otherLines: string): Uint8Array {
    const data = event === DONE ? DONE : JSON.stringify(event);
    // Where events have names, these are their types, if they have types.
    const name = event === DONE || this.#name === null ? "" : `event: ${event["type"] ?? this.#name}\n`;
    return new TextEncoder().encode(`${name}${otherLines}data: ${data}\n\n`);
  }
}

/** The JSON object in an event; null when there is none. */
function dataOf({ data }: SseEvent): AnswerEvent | null {
  try {
    const value: unknown = JSON.parse(data ?? "");
    return typeof value === "object" ? (value as AnswerEvent | null) : null;
  } catch {
    return null;
  }
}
