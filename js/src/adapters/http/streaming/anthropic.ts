import type { AnswerFormat } from "./answer-format.js";
import type { AnswerEvent, AnswerGuard, HeldCall, Saying } from "./answer-guard.js";

interface MessageEvent extends AnswerEvent {
  readonly type: string;
  readonly index?: number;
  readonly content_block?: {
    readonly type?: string;
    readonly name?: string;
    readonly input?: object;
    readonly text?: unknown;
  } | null;
  readonly delta?: {
    readonly type?: string;
    readonly text?: unknown;
    readonly partial_json?: string;
    readonly citation?: unknown;
  } | null;
}

/** Messages of Anthropic. */
export class AnthropicFormat implements AnswerFormat {
  readonly #guard: AnswerGuard;
  /** By the block that each is in. */
  readonly #calls = new Map<number | undefined, HeldCall>();

  constructor(guard: AnswerGuard) {
    this.#guard = guard;
  }

  knows({ type }: AnswerEvent): boolean {
    return typeof type === "string" && /^(content_block|message)_(start|delta|stop)$/.test(type);
  }

  async *take(event: MessageEvent): AsyncGenerator<AnswerEvent, undefined> {
    const { type, index, content_block: block, delta } = event;
    const call = this.#calls.get(index);
    if (type === "content_block_start" && block?.type === "tool_use") {
      const begun = { tool: String(block.name), input: "", events: [] };
      this.#calls.set(index, begun);
      this.#guard.hold(begun, event, "");
    } else if (type === "content_block_start" && typeof block?.text === "string" && block.text !== "") {
      // Some begin a text with a piece of it.
      yield { ...event, content_block: { ...block, text: "" } };
      yield saying(index)(await this.#guard.take(textOf(index), block.text, saying(index)));
    } else if (type === "content_block_delta" && call !== undefined) {
      this.#guard.hold(call, event, delta?.partial_json);
    } else if (type === "content_block_delta" && typeof delta?.text === "string") {
      const text = await this.#guard.take(textOf(index), delta.text, saying(index));
      yield { ...event, delta: { ...delta, text } };
    } else if (type === "content_block_delta" && delta?.citation) {
      const [citation] = this.#guard.cited([delta.citation]);
      yield { ...event, delta: { ...delta, citation } };
    } else if (type === "content_block_stop") {
      if (call === undefined) yield* await this.#guard.end(textOf(index));
      else yield* this.#decide(index, call);
      yield event;
    } else if (type === "message_delta" && this.#guard.areCallsDenied) {
      yield { ...event, delta: { ...delta, stop_reason: "refusal" } };
    } else yield event;
  }

  end(): AsyncIterable<AnswerEvent> {
    return this.#guard.endAll();
  }

  ending(last: AnswerEvent): readonly AnswerEvent[] {
    return [
      last,
      { type: "content_block_stop", index: last["index"] },
      { type: "message_delta", delta: { stop_reason: "refusal", stop_sequence: null }, usage: { output_tokens: 0 } },
      { type: "message_stop" },
    ];
  }

  async *#decide(index: number | undefined, call: HeldCall): AsyncGenerator<AnswerEvent, undefined> {
    this.#calls.delete(index);
    const [start] = call.events as MessageEvent[];
    // Arguments that came as a whole are in the first event.
    const input = start?.content_block?.input;
    const refusal = await (call.input === "" && input !== undefined
      ? this.#guard.refusalOf(call.tool, input)
      : this.#guard.refusalOfHeld(call));
    if (refusal === null) return yield* call.events;
    yield { type: "content_block_start", index, content_block: { type: "text", text: "" } };
    yield saying(index)(refusal);
  }
}

/** What the text in a block is called. */
function textOf(index: number | undefined): string {
  return `block ${index}`;
}

function saying(index: number | undefined): Saying {
  return (text) => ({ type: "content_block_delta", index, delta: { type: "text_delta", text } });
}
