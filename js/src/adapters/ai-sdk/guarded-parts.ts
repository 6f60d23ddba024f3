import type { StreamGuard } from "../guarded-stream.js";
import type { TextChannel } from "../text-channel.js";
import { deniedParts, toldParts } from "./denied-parts.js";
import { FILTERED, isCall, type ModelGuard } from "./model-guard.js";
import type { AnswerPart } from "./types.js";
import { withoutLogprobs } from "./without-logprobs.js";

/**
 * The parts of an answer with a guard in them. A text is handed on as it comes, but for what could still become something to be
 * withheld; a call of a tool when it is decided about, with all that was said of it before. After a text that blocks the answer is over.
 */
export class GuardedParts implements StreamGuard<AnswerPart, AnswerPart> {
  readonly #guard: ModelGuard;
  /** Texts that are not whole yet, by their id. */
  readonly #texts = new Map<string, TextChannel>();
  /** The parts of calls that are not whole yet, by their id. */
  readonly #pending = new Map<string, AnswerPart[]>();
  readonly #calls = { allowed: 0, denied: 0 };
  #isOver = false;

  constructor(guard: ModelGuard) {
    this.#guard = guard;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async *take(part: AnswerPart): AsyncGenerator<AnswerPart, undefined> {
    const { type, id = "", delta = "" } = part;
    // Raw chunks would show what is held back.
    if (type === "raw") return;
    if (type === "text-delta") {
      const text = this.#texts.get(id) ?? this.#guard.textChannel();
      this.#texts.set(id, text);
      yield* this.#said(id, text, await text.push(delta));
    } else if (type === "text-end") {
      yield* this.#endText(id);
      if (!this.#isOver) yield part;
    } else if (type.startsWith("tool-input-")) {
      const pending = this.#pending.get(id) ?? [];
      pending.push(part);
      this.#pending.set(id, pending);
    } else if (type === "tool-call") {
      yield* this.#takeCall(part);
    } else if (type === "finish") {
      yield* this.end();
      const isFiltered = this.#calls.denied > 0 && this.#calls.allowed === 0;
      const finish = withoutLogprobs(part);
      if (!this.#isOver) yield isFiltered ? { ...finish, finishReason: FILTERED } : finish;
    } else yield part;
  }

  async *end(): AsyncGenerator<AnswerPart, undefined> {
    for (const id of [...this.#texts.keys()]) {
      if (!this.#isOver) yield* this.#endText(id);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#texts.values()].map((text) => text.end()));
  }

  async *#endText(id: string): AsyncGenerator<AnswerPart, undefined> {
    const text = this.#texts.get(id);
    this.#texts.delete(id);
    if (text !== undefined) yield* this.#said(id, text, await text.end());
  }

  async *#said(id: string, { scan }: TextChannel, delta: string): AsyncGenerator<AnswerPart, undefined> {
    if (delta !== "") yield { type: "text-delta", id, delta };
    if (!scan?.blocked) return;
    this.#isOver = true;
    yield { type: "text-end", id };
    yield* deniedParts(this.#guard.denialOf(scan), `${id}-blocked`);
  }

  async *#takeCall(part: AnswerPart): AsyncGenerator<AnswerPart, undefined> {
    const id = String(part.toolCallId);
    const pending = this.#pending.get(id) ?? [];
    this.#pending.delete(id);
    const denial = isCall(part) ? await this.#guard.denialOfCall(part) : null;
    if (denial !== null) {
      this.#calls.denied += 1;
      yield* toldParts(denial, `${id}-blocked`);
      return;
    }
    if (isCall(part)) this.#calls.allowed += 1;
    yield* pending;
    yield part;
  }
}
