import { type AnswerFormat, DONE } from "./answer-format.js";
import type { AnswerEvent, AnswerGuard, HeldCall } from "./answer-guard.js";

interface UiMessageChunk extends AnswerEvent {
  readonly type: string;
  readonly id?: string;
  readonly delta?: unknown;
  readonly toolCallId?: string;
  readonly toolName?: string;
  readonly inputTextDelta?: string;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly errorText?: unknown;
  readonly providerExecuted?: boolean;
  readonly finishReason?: string;
}

/** Messages that the AI SDK streams to its user interfaces. */
export class UiMessageFormat implements AnswerFormat {
  readonly #guard: AnswerGuard;
  readonly #calls = new Map<string, HeldCall>();
  readonly #denied = new Set<string>();

  constructor(guard: AnswerGuard) {
    this.#guard = guard;
  }

  knows({ type }: AnswerEvent): boolean {
    return typeof type === "string" && /^(text-(delta|end)|tool-[a-z-]+|source-(url|document)|finish)$/.test(type);
  }

  async *take(chunk: UiMessageChunk): AsyncGenerator<AnswerEvent, undefined> {
    const { type, id, delta, toolCallId, finishReason } = chunk;
    if (toolCallId !== undefined) yield* this.#takeOfCall(chunk, toolCallId);
    else if (type === "text-delta" && typeof delta === "string")
      yield { ...chunk, delta: await this.#guard.take(`text ${id}`, delta, (text) => textDelta(id, text)) };
    else if (type === "text-end") {
      yield* await this.#guard.end(`text ${id}`);
      yield chunk;
    } else if (type.startsWith("source-")) yield* this.#guard.cited([chunk]);
    else if (type === "finish") {
      yield* this.#guard.endAll();
      const isFiltered = finishReason === "tool-calls" && this.#guard.areCallsDenied;
      yield isFiltered ? { ...chunk, finishReason: "content-filter" } : chunk;
    } else yield chunk;
  }

  end(): AsyncIterable<AnswerEvent> {
    return this.#guard.endAll();
  }

  ending(last: AnswerEvent): readonly (AnswerEvent | typeof DONE)[] {
    return [last, { type: "text-end", id: last["id"] }, { type: "finish" }, DONE];
  }

  async *#takeOfCall(chunk: UiMessageChunk, id: string): AsyncGenerator<AnswerEvent, undefined> {
    const { type, toolName, inputTextDelta, providerExecuted } = chunk;
    const call = this.#calls.get(id);
    if (this.#denied.has(id)) return;
    if (type === "tool-input-start" && providerExecuted !== true) {
      const begun = { tool: String(toolName), input: "", events: [] };
      this.#calls.set(id, begun);
      this.#guard.hold(begun, chunk, "");
    } else if (type === "tool-input-delta" && call !== undefined) {
      this.#guard.hold(call, chunk, inputTextDelta);
    } else if (type.startsWith("tool-output-")) {
      yield this.#shown(chunk);
    } else {
      yield* this.#decide(chunk, id);
    }
  }

  /** Hands on the input of a call as a whole with all that was held back of it, or says why the call is not made. */
  async *#decide(chunk: UiMessageChunk, id: string): AsyncGenerator<AnswerEvent, undefined> {
    const { type, toolName, input, providerExecuted } = chunk;
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    const isCall = /^tool-input-(available|error)$/.test(type) && providerExecuted !== true;
    const refusal = isCall ? await this.#guard.refusalOf(String(toolName), input) : null;
    if (refusal === null) {
      yield* call?.events ?? [];
      yield chunk;
      return;
    }
    // Of a call that is not made no result is shown.
    this.#denied.add(id);
    const textId = `${id}-blocked`;
    yield { type: "text-start", id: textId };
    yield textDelta(textId, refusal);
    yield { type: "text-end", id: textId };
  }

  /** What is shown of the result of a call. */
  #shown(chunk: UiMessageChunk): AnswerEvent {
    const { toolCallId, output, errorText } = chunk;
    const said = output ?? errorText;
    if (said === undefined || said === null) return chunk;
    const result = this.#guard.resultOf(said);
    if ("refusal" in result) return { type: "tool-output-error", toolCallId, errorText: result.refusal };
    return { ...chunk, [output === said ? "output" : "errorText"]: result.output };
  }
}

function textDelta(id: string | undefined, delta: string): AnswerEvent {
  return { type: "text-delta", id, delta };
}
