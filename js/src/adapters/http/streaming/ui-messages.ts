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
    const { type, toolName, input, output, errorText, inputTextDelta, providerExecuted } = chunk;
    const call = this.#calls.get(id);
    if (this.#denied.has(id)) return;
    if (type === "tool-input-start" && providerExecuted !== true) {
      const begun = { tool: String(toolName), input: "", events: [] };
      this.#calls.set(id, begun);
      this.#guard.hold(begun, chunk, "");
    } else if (type === "tool-input-delta" && call !== undefined) {
      this.#guard.hold(call, chunk, inputTextDelta);
    } else if (type === "tool-output-available" && output !== undefined) {
      const result = this.#guard.resultOf(output);
      if ("output" in result) yield { ...chunk, ...result };
      else yield { type: "tool-output-error", toolCallId: id, errorText: result.refusal };
    } else if (type === "tool-output-error" && errorText !== undefined) {
      const result = this.#guard.resultOf(errorText);
      yield { ...chunk, errorText: "output" in result ? result.output : result.refusal };
    } else {
      this.#calls.delete(id);
      const isCall = /^tool-input-(available|error)$/.test(type) && providerExecuted !== true;
      const refusal = isCall ? await this.#guard.refusalOf(String(toolName), input) : null;
      if (refusal === null) {
        yield* call?.events ?? [];
        yield chunk;
      } else {
        // Of a call that is not made no result is shown.
        this.#denied.add(id);
        const textId = `${id}-blocked`;
        yield { type: "text-start", id: textId };
        yield textDelta(textId, refusal);
        yield { type: "text-end", id: textId };
      }
    }
  }
}

function textDelta(id: string | undefined, delta: string): AnswerEvent {
  return { type: "text-delta", id, delta };
}
