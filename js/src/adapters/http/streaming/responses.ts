import { answerOf } from "../answers.js";
import type { AnswerFormat } from "./answer-format.js";
import type { AnswerEvent, AnswerGuard, HeldCall } from "./answer-guard.js";

interface ResponseEvent extends AnswerEvent {
  readonly type: string;
  readonly item_id?: string;
  readonly output_index?: number;
  readonly content_index?: number;
  readonly delta?: unknown;
  readonly text?: unknown;
  readonly part?: { readonly type?: string; readonly text?: unknown } | null;
  readonly item?: OutputItem | null;
  readonly response?: { readonly output?: readonly OutputItem[] } | null;
}

interface OutputItem {
  readonly type?: string;
  readonly id?: string;
  readonly name?: string;
  readonly arguments?: string;
  readonly input?: string;
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

  constructor(guard: AnswerGuard) {
    this.#guard = guard;
  }

  knows({ type }: AnswerEvent): boolean {
    return typeof type === "string" && type.startsWith("response.");
  }

  async *take(event: ResponseEvent): AsyncGenerator<AnswerEvent, undefined> {
    const { type, output_index: index, delta, text, part, item, response } = event;
    const key = `${index} ${event.content_index}`;
    const call = this.#calls.get(index);
    if (type === "response.output_item.added" && isCall(item)) {
      const begun = { tool: String(item?.name), input: "", events: [] };
      this.#calls.set(index, begun);
      this.#guard.hold(begun, event, "");
    } else if (type === "response.output_item.done" && call !== undefined) {
      yield* this.#decide(event, call);
    } else if (call !== undefined) {
      this.#guard.hold(call, event, "");
    } else if (type === "response.output_text.delta" && typeof delta === "string") {
      const saying = (said: string): AnswerEvent => ({ ...event, delta: said, logprobs: [] });
      yield saying(await this.#guard.take(key, delta, saying));
    } else if (type === "response.output_text.done" && typeof text === "string") {
      yield* await this.#guard.end(key);
      yield { ...event, text: this.#guard.redact(text), logprobs: [] };
    } else if (type === "response.content_part.done" && part?.type === "output_text" && typeof part.text === "string") {
      yield { ...event, part: { ...part, text: this.#guard.redact(part.text), logprobs: [] } };
    } else if (item) {
      yield { ...event, item: await this.#repeated(item, index) };
    } else if (Array.isArray(response?.output)) {
      this.#response = response;
      const output = await Promise.all(response.output.map((each, n) => this.#repeated(each, n)));
      yield { ...event, response: { ...response, output } };
    } else yield event;
  }

  end(): AsyncIterable<AnswerEvent> {
    return this.#guard.endAll();
  }

  closing(last: AnswerEvent): readonly AnswerEvent[] {
    const response = { ...this.#response, status: "incomplete", incomplete_details: { reason: "content_filter" } };
    return [{ type: "response.incomplete", sequence_number: last["sequence_number"], response }];
  }

  async *#decide(event: ResponseEvent, call: HeldCall): AsyncGenerator<AnswerEvent, undefined> {
    const { output_index, sequence_number, item } = event;
    this.#calls.delete(output_index);
    const told = (await this.#repeated(item ?? {}, output_index)) as Message;
    if (told.type !== "message") {
      yield* call.events;
      return yield event;
    }
    const place = { item_id: told.id, output_index, content_index: 0, sequence_number };
    const [part] = told.content;
    yield { type: "response.output_item.added", output_index, sequence_number, item: { ...told, content: [] } };
    yield { type: "response.content_part.added", ...place, part: { ...part, text: "" } };
    yield { type: "response.output_text.delta", ...place, delta: part?.text, logprobs: [] };
    yield { type: "response.output_text.done", ...place, text: part?.text, logprobs: [] };
    yield { type: "response.content_part.done", ...place, part };
    yield { type: "response.output_item.done", output_index, sequence_number, item: told };
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

interface Message extends OutputItem {
  readonly content: readonly { readonly type: string; readonly text: string }[];
}

function isCall(item: OutputItem | null | undefined): item is OutputItem {
  return item?.type === "function_call" || item?.type === "custom_tool_call";
}
