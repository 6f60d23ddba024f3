import { type AnswerFormat, DONE } from "./answer-format.js";
import type { AnswerEvent, AnswerGuard, HeldCall, Saying } from "./answer-guard.js";
import { type Chosen, type Chunk, choicesOf } from "./choices.js";

interface Choice {
  readonly index?: number;
  readonly delta?: {
    readonly content?: unknown;
    readonly refusal?: unknown;
    /** A call as it was before there could be several. */
    readonly function_call?: FunctionDelta | null;
    readonly tool_calls?: readonly (ToolCallDelta | null)[] | null;
  } | null;
  readonly logprobs?: unknown;
  readonly message?: unknown;
  readonly text?: unknown;
  readonly finish_reason?: string | null;
}

interface FunctionDelta {
  readonly name?: string | null;
  readonly arguments?: string;
}

interface ToolCallDelta {
  readonly index?: number;
  readonly id?: string | null;
  readonly function?: FunctionDelta;
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
  /** The choices of which no call is made. */
  readonly #filtered = new Set<string>();
  #hasBegun = false;

  constructor(guard: AnswerGuard) {
    this.#guard = guard;
  }

  knows({ choices }: AnswerEvent): boolean {
    const isSaid = (choice: Choice | null): boolean =>
      typeof choice?.delta === "object" || (this.#hasBegun && typeof choice?.message === "object");
    return Array.isArray(choices) && choices.some(isSaid);
  }

  async *take(chunk: Chunk<Choice>): AsyncGenerator<AnswerEvent, undefined> {
    this.#hasBegun = true;
    for (const chosen of choicesOf(chunk)) yield* this.#takeChoice(chosen);
  }

  async *end(): AsyncGenerator<AnswerEvent, undefined> {
    for (const key of [...this.#open.keys()]) yield* this.#decide(key);
  }

  ending(last: AnswerEvent): readonly (AnswerEvent | typeof DONE)[] {
    const { choices } = last as Chunk<Choice>;
    const finished = choices.map((choice) => ({ ...withDelta(choice ?? {}, {}), finish_reason: "content_filter" }));
    return [last, { ...last, choices: finished }, DONE];
  }

  async *#takeChoice({ chunk, choice, usage }: Chosen<Choice>): AsyncGenerator<AnswerEvent, undefined> {
    // Log probabilities would show what is held back, and so would the message in which some say all of it again.
    const { logprobs: _, message: __, ...rest } = choice;
    const saying = (delta: object, finishReason: string | null = null): AnswerEvent => ({
      ...chunk,
      choices: [{ ...withDelta(rest, delta), finish_reason: finishReason }],
    });
    const key = `choice ${choice.index}`;
    const open = this.#open.get(key) ?? { calls: [], saying: (content) => saying({ content }) };
    this.#open.set(key, open);
    const { tool_calls: calls, function_call: legacy, ...delta } = choice.delta ?? {};
    for (const call of Array.isArray(calls) ? calls : []) {
      if (call) this.#hold(open, call, saying({ tool_calls: [call] }));
    }
    if (legacy) this.#hold(open, { function: legacy }, saying({ function_call: legacy }));
    const { finish_reason: finish } = choice;
    const goesOn = typeof finish !== "string";
    if (Object.keys(delta).length > 0 || (goesOn && "usage" in usage))
      yield { ...saying(await this.#guarded(key, delta, saying)), ...(goesOn ? usage : {}) };
    if (goesOn) return;
    if (!(yield* this.#decide(key))) this.#filtered.add(key);
    // Some finish twice.
    yield { ...saying({}, this.#filtered.has(key) ? "content_filter" : finish), ...usage };
  }

  /** What can be handed on now of the texts in a delta. */
  async #guarded(key: string, delta: object, saying: (delta: object) => AnswerEvent): Promise<object> {
    const { content, refusal, annotations } = delta as Readonly<Record<string, unknown>>;
    const taken = (text: string): Promise<string> => this.#guard.take(key, text, (said) => saying({ content: said }));
    const guarded: Record<string, unknown> = { ...delta };
    if (typeof content === "string") guarded["content"] = await taken(content);
    if (Array.isArray(content)) {
      const parts: unknown[] = [];
      for (const part of content)
        parts.push(typeof part?.text === "string" ? { ...part, text: await taken(part.text) } : part);
      guarded["content"] = parts;
    }
    if (typeof refusal === "string")
      guarded["refusal"] = await this.#guard.take(refusalOf(key), refusal, (said) => saying({ refusal: said }));
    if (annotations !== undefined) guarded["annotations"] = this.#guard.cited(annotations);
    return guarded;
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
    yield* await this.#guard.end(refusalOf(key));
    if (open === undefined) return true;
    let allowed = 0;
    for (const call of open.calls) {
      const refusal = await this.#guard.refusalOfHeld(call);
      if (refusal !== null) yield open.saying(this.#guard.behind(key, refusal));
      else {
        for (const event of call.events) yield renumbered(event as Chunk<Choice>, allowed);
        allowed += 1;
      }
    }
    return open.calls.length === 0 || allowed > 0;
  }
}

/** A choice with this delta. Some repeat in a choice, as a text, what its delta says. */
function withDelta(choice: Choice, delta: NonNullable<Choice["delta"]>): Choice {
  if (typeof choice.text !== "string") return { ...choice, delta };
  return { ...choice, delta, text: typeof delta.content === "string" ? delta.content : "" };
}

/** Calls are counted by who reads them, who would miss one that is not made. */
function renumbered(chunk: Chunk<Choice>, index: number): AnswerEvent {
  const choices = chunk.choices.map((choice) => {
    const calls = choice?.delta?.tool_calls;
    return calls ? { ...choice, delta: { tool_calls: calls.map((call) => ({ ...call, index })) } } : choice;
  });
  return { ...chunk, choices };
}

/** What the refusal in a choice is called among texts. */
function refusalOf(key: string): string {
  return `${key} refusal`;
}
