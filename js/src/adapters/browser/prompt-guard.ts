import { ConfigurationError } from "../../errors.js";
import { CALLBACK, check, type Expectation, kindOf } from "../../expectation.js";
import type { Finding, Pseudonymized } from "../../types.js";
import { isShield } from "../options.js";
import type { PromptGuardOptions, PromptSpan, PromptState, TextField } from "./types.js";

const DEFAULT_DELAY_MS = 150;
const MAX_DELAY_MS = 10_000;
/** However busy the page is, the text is scanned after this time. */
const MAX_IDLE_WAIT_MS = 500;

const SHIELD: Expectation = { expected: "a Shield", accepts: isShield };
const DELAY: Expectation = {
  expected: `a number from 0 to ${MAX_DELAY_MS}`,
  accepts: (value) => typeof value === "number" && value >= 0 && value <= MAX_DELAY_MS,
};

const EMPTY: PromptState = Object.freeze({
  text: "",
  spans: Object.freeze([]),
  hasPrivateData: false,
  isBlocked: false,
  failedOpen: null,
});

/**
 * Watches a text field: scans what stands in it when its writer pauses and the page is idle, and says what they may not want to
 * send. Nothing leaves the page.
 */
export class PromptGuard {
  readonly #field: TextField;
  readonly #options: PromptGuardOptions;
  readonly #delayMs: number;
  readonly #onInput = (): void => this.#wait();
  #state = EMPTY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #idle: number | undefined;

  /** @throws {ConfigurationError} when the field is none or an option is ill-typed */
  constructor(field: TextField, options: PromptGuardOptions) {
    if (typeof field?.value !== "string" || typeof field.addEventListener !== "function")
      throw new ConfigurationError(`\`PromptGuard\` watches a text field, got ${kindOf(field)}`);
    check(options ?? {}, { shield: SHIELD, onChange: CALLBACK, delayMs: DELAY }, "option");
    if (options?.shield === undefined) throw new ConfigurationError("`PromptGuard` needs a `shield` to scan with");
    this.#field = field;
    this.#options = options;
    this.#delayMs = options.delayMs ?? DEFAULT_DELAY_MS;
    field.addEventListener("input", this.#onInput);
    if (field.value !== "") this.#wait();
  }

  /** What was known at the last pause; `check` says what is known now. */
  get state(): PromptState {
    return this.#state;
  }

  /** Scans what stands in the field at once, to be called before it is sent. */
  check(): PromptState {
    this.#cancel();
    const text = this.#field.value;
    if (text === this.#state.text) return this.#state;
    const { threatsDetected, blocked, failedOpen } = this.#options.shield.scanInput(text);
    const spans = threatsDetected.map(spanOf).sort((a, b) => a.start - b.start);
    const hasPrivateData = spans.some(({ kind }) => kind !== "attack");
    this.#state = Object.freeze({ text, spans: Object.freeze(spans), hasPrivateData, isBlocked: blocked, failedOpen });
    this.#options.onChange?.(this.#state);
    return this.#state;
  }

  /** What stands in the field with placeholders for secrets and personal data, and the way back for the answer. */
  pseudonymize(): Pseudonymized {
    return this.#options.shield.pseudonymize(this.#field.value);
  }

  /** Stops watching. */
  close(): void {
    this.#cancel();
    this.#field.removeEventListener("input", this.#onInput);
  }

  #wait(): void {
    this.#cancel();
    this.#timer = setTimeout(() => {
      // Safari has no idle callbacks.
      if (typeof requestIdleCallback === "undefined") this.check();
      else this.#idle = requestIdleCallback(() => this.check(), { timeout: MAX_IDLE_WAIT_MS });
    }, this.#delayMs);
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    if (this.#idle !== undefined) cancelIdleCallback(this.#idle);
    this.#idle = undefined;
  }
}

function spanOf({ start, end, type, patternId, severity, explanation }: Finding): PromptSpan {
  const kind = type === "secret_detection" ? "secret" : type === "pii_detection" ? "personal_data" : "attack";
  return Object.freeze({ start, end, kind, category: type, patternId, severity, explanation });
}
