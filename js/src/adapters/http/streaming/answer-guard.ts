import { RuneError } from "../../../errors.js";
import type { ScanContext } from "../../../types.js";
import { callDenial, denialText, scanDenial } from "../../denial.js";
import type { Guarding } from "../../guarding.js";
import { TextChannel } from "../../text-channel.js";
import { paramsOf } from "../../tool-params.js";
import { citedIn } from "../answers.js";

/** The data of an event of an answer. */
export type AnswerEvent = Readonly<Record<string, unknown>>;

/** Makes an event that says a text. */
export type Saying = (text: string) => AnswerEvent;

/** A call of a tool that is still coming. */
export interface HeldCall {
  tool: string;
  /** Its arguments, as JSON text. */
  input: string;
  readonly events: AnswerEvent[];
}

/** Thrown when a text blocks: the answer ends with this event, which says what may be said and why no more. */
export class AnswerBlocked extends Error {
  readonly event: AnswerEvent;

  constructor(event: AnswerEvent) {
    super("the answer blocks");
    this.event = event;
  }
}

interface OpenText {
  readonly channel: TextChannel;
  saying: Saying;
}

/** Says what becomes of the texts and calls in a streamed answer. */
export class AnswerGuard {
  readonly #shield: Guarding;
  readonly #asker: ScanContext;
  readonly #policies: readonly string[] | undefined;
  /** How many UTF-16 units of calls may be held back in an answer. */
  readonly #maxCallUnits: number;
  readonly #open = new Map<string, OpenText>();
  /** The texts of which something was handed on. */
  readonly #begun = new Set<string>();
  readonly #calls = { allowed: 0, denied: 0 };
  #heldUnits = 0;

  constructor(
    shield: Guarding,
    asker: ScanContext,
    { policies, maxCallUnits }: { readonly policies: readonly string[] | undefined; readonly maxCallUnits: number },
  ) {
    this.#shield = shield;
    this.#asker = asker;
    this.#policies = policies;
    this.#maxCallUnits = maxCallUnits;
  }

  /**
   * Takes a piece of a text.
   *
   * @param saying makes the event that says what was held back, should there be no other to say it
   * @returns what can be handed on now in its place
   * @throws {AnswerBlocked} when the text blocks
   */
  async take(key: string, piece: string, saying: Saying): Promise<string> {
    const open = this.#open.get(key) ?? { channel: new TextChannel(this.#scanStream()), saying };
    open.saying = saying;
    this.#open.set(key, open);
    return this.#handedOn(key, open, await open.channel.push(piece));
  }

  /**
   * Ends a text, if it has begun.
   *
   * @returns the event that says what was held back, if anything was
   * @throws {AnswerBlocked} when the text blocks
   */
  async end(key: string): Promise<AnswerEvent[]> {
    const open = this.#open.get(key);
    if (open === undefined) return [];
    this.#open.delete(key);
    const text = this.#handedOn(key, open, await open.channel.end());
    return text === "" ? [] : [open.saying(text)];
  }

  /** Ends all texts that are open, as `end`. */
  async *endAll(): AsyncGenerator<AnswerEvent, undefined> {
    for (const key of [...this.#open.keys()]) yield* await this.end(key);
  }

  /** Ends all texts that are open, whatever they come to. */
  async close(): Promise<void> {
    const channels = [...this.#open.values()].map(({ channel }) => channel);
    this.#open.clear();
    await Promise.allSettled(channels.map((channel) => channel.end()));
  }

  /** A text that comes as a whole, after it came in pieces. */
  redact(text: string): string {
    return this.#shield.redact(text);
  }

  /** Citations without personal data and secrets in what they cite. */
  cited<Citations>(citations: Citations): Citations {
    const redacted = structuredClone(citations);
    for (const { text, replace } of citedIn(redacted)) replace(this.redact(text));
    return redacted;
  }

  /** A sentence that is said behind a text, of which nothing may have been handed on. */
  behind(key: string, sentence: string): string {
    const isFirst = !this.#begun.has(key);
    this.#begun.add(key);
    return isFirst ? sentence : `\n\n${sentence}`;
  }

  /**
   * Holds an event of a call back.
   *
   * @throws {RuneError} `calls_too_long` when more is held than may be
   */
  hold(call: HeldCall, event: AnswerEvent, piece: unknown): void {
    this.#heldUnits += JSON.stringify(event).length;
    if (this.#heldUnits > this.#maxCallUnits)
      throw new RuneError("calls_too_long", `the calls in the answer have more than ${this.#maxCallUnits} characters`);
    // Some write arguments as a value, though they should as text.
    call.input += typeof piece === "string" ? piece : (JSON.stringify(piece) ?? "");
    call.events.push(event);
  }

  /** The sentence that says why a call is not made; null when it is. */
  async refusalOf(tool: string, params: unknown): Promise<string | null> {
    const action = { ...this.#asker, policies: this.#policies, action: tool, params };
    const result = await this.#shield.validateActionAsync(action);
    this.#calls[result.blocked ? "denied" : "allowed"] += 1;
    return result.blocked ? denialText(callDenial(result)) : null;
  }

  /** Likewise of a call that was held back. */
  refusalOfHeld({ tool, input }: HeldCall): Promise<string | null> {
    return this.refusalOf(tool, paramsOf(input));
  }

  /** What a tool returned, without personal data and secrets, or the sentence that says why it is not shown. */
  resultOf(output: unknown): { readonly output: unknown } | { readonly refusal: string } {
    const scan = this.#shield.scanOutput(output, { ...this.#asker, source: "http answer" });
    if (scan.blocked) return { refusal: denialText(scanDenial(scan, "the result of the call")) };
    const redacted = (_: string, value: unknown): unknown => (typeof value === "string" ? this.redact(value) : value);
    return { output: JSON.parse(JSON.stringify(output, redacted)) };
  }

  /** Whether there were calls, and none is made. */
  get areCallsDenied(): boolean {
    return this.#calls.denied > 0 && this.#calls.allowed === 0;
  }

  #handedOn(key: string, { channel, saying }: OpenText, text: string): string {
    if (text !== "") this.#begun.add(key);
    const { scan } = channel;
    if (scan?.blocked)
      throw new AnswerBlocked(saying(text + this.behind(key, denialText(scanDenial(scan, "the answer")))));
    return text;
  }

  #scanStream(): ReturnType<Guarding["scanStream"]> {
    return this.#shield.scanStream({ ...this.#asker, source: "http answer" });
  }
}
