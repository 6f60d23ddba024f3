import { type AnswerFormat, DONE } from "./answer-format.js";
import type { AnswerEvent, AnswerGuard, HeldCall, Saying } from "./answer-guard.js";

interface Chunk extends AnswerEvent {
  readonly choices: readonly (Choice | null)[];
}

interface Choice {
  readonly index?: number;
  readonly delta?: {
    readonly content?: unknown;
    readonly tool_calls?: readonly (ToolCallDelta | null)[] | null;
  } | null;
  readonly finish_reason?: string | null;
}

interface ToolCallDelta {
  readonly index?: number;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: string };
  readonly custom?: { readonly name?: string | null; readonly input?: string };
}

interface ChatCall extends HeldCall {
  readonly index: number | undefined;
  readonly id: string | null | undefined;
}

/** A choice that has not finished. */
interface OpenChoice {
  readonly calls: ChatCall[];
  saying: Saying;
}

/** Chat completions of OpenAI, and of the many that are compatible. */
export class ChatFormat implements AnswerFormat {
  readonly #guard: AnswerGuard;
  readonly #open = new Map<string, OpenChoice>();

  constructor(guard: AnswerGuard) {
    this.#guard = guard;
  }

  knows({ choices }: AnswerEvent): boolean {
    return Array.isArray(choices) && choices.some((choice) => typeof choice?.delta === "object");
  }

  async *take(chunk: Chunk): AsyncGenerator<AnswerEvent, undefined> {
    for (const choice of chunk.choices) yield* this.#takeChoice(chunk, choice ?? {});
  }

  async *end(): AsyncGenerator<AnswerEvent, undefined> {
    for (const key of [...this.#open.keys()]) yield* this.#decide(key);
  }

  closing(last: AnswerEvent): readonly (AnswerEvent | typeof DONE)[] {
    const { choices } = last as Chunk;
    const finished = choices.map((choice) => ({ ...choice, delta: {}, finish_reason: "content_filter" }));
    return [{ ...last, choices: finished }, DONE];
  }

  async *#takeChoice(chunk: Chunk, choice: Choice): AsyncGenerator<AnswerEvent, undefined> {
    // Log probabilities would show what is held back.
    const { logprobs: _, ...rest } = choice as Choice & { readonly logprobs?: unknown };
    const saying = (delta: object, finishReason: string | null = null): AnswerEvent => ({
      ...chunk,
      choices: [{ ...rest, delta, finish_reason: finishReason }],
    });
    const key = `choice ${choice.index}`;
    const open = this.#open.get(key) ?? { calls: [], saying: (content) => saying({ content }) };
    this.#open.set(key, open);
    const { tool_calls: calls, ...delta } = choice.delta ?? {};
    for (const call of Array.isArray(calls) ? calls : []) {
      if (call) this.#hold(open, call, saying({ tool_calls: [call] }));
    }
    const { content } = delta;
    if (typeof content === "string")
      yield saying({ ...delta, content: await this.#guard.take(key, content, open.saying) });
    else if (Object.keys(delta).length > 0) yield saying(delta);
    if (typeof choice.finish_reason !== "string") return;
    const isCalled = yield* this.#decide(key);
    yield saying({}, isCalled ? choice.finish_reason : "content_filter");
  }

  #hold({ calls }: OpenChoice, delta: ToolCallDelta, event: AnswerEvent): void {
    const { index, id, function: called, custom } = delta;
    const name = called?.name ?? custom?.name;
    let call = calls.findLast((each) => each.index === index);
    // Some give all calls the same number, or none, and tell them apart by what only the first delta of a call has.
    const isAnother = call === undefined || (id && id !== call.id) || (name && name !== call.tool);
    if (call === undefined || isAnother) {
      call = { index, id, tool: String(name), input: "", events: [] };
      calls.push(call);
    }
    this.#guard.hold(call, event, called?.arguments ?? custom?.input);
  }

  /** Ends a choice; whether it was left with a call, if it had any. */
  async *#decide(key: string): AsyncGenerator<AnswerEvent, boolean> {
    const open = this.#open.get(key);
    this.#open.delete(key);
    yield* await this.#guard.end(key);
    if (open === undefined) return true;
    let allowed = 0;
    for (const call of open.calls) {
      const refusal = await this.#guard.refusalOfHeld(call);
      if (refusal !== null) yield open.saying(this.#guard.behind(key, refusal));
      else {
        for (const event of call.events) yield renumbered(event as Chunk, allowed);
        allowed += 1;
      }
    }
    return open.calls.length === 0 || allowed > 0;
  }
}

/** Calls are counted by who reads them, who would miss one that is not made. */
function renumbered(chunk: Chunk, index: number): AnswerEvent {
  const choices = chunk.choices.map((choice) => ({
    ...choice,
    delta: { tool_calls: choice?.delta?.tool_calls?.map((call) => ({ ...call, index })) },
  }));
  return { ...chunk, choices };
}
