import { ConfigurationError } from "./errors.js";
import { nearest } from "./nearest.js";

/** What an option must be, in words and as a test. */
export interface Expectation {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** The value itself must not appear in a message. */
  readonly secret?: true;
}

export const BOOLEAN: Expectation = { expected: "a boolean", accepts: (value) => typeof value === "boolean" };
export const CALLBACK: Expectation = { expected: "a function", accepts: (value) => typeof value === "function" };
export const TEXT: Expectation = { expected: "a non-empty string", accepts: isText };
export const SECRET: Expectation = { ...TEXT, secret: true };
export const TEXTS: Expectation = {
  expected: "an array of non-empty strings",
  accepts: (value) => Array.isArray(value) && value.every(isText),
};

export const OBJECT: Expectation = {
  expected: "an object",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

export const POSITIVE: Expectation = {
  expected: "a number above 0",
  accepts: (value) => Number.isFinite(value) && (value as number) > 0,
};

export const SHARE: Expectation = {
  expected: "a number above 0 and at most 1",
  accepts: (value) => typeof value === "number" && value > 0 && value <= 1,
};

/** Expects one of a few words. */
export function oneOf(words: readonly string[]): Expectation {
  const quoted = words.map((word) => `"${word}"`);
  return {
    expected: `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`,
    accepts: (value) => words.some((word) => word === value),
  };
}

/** Expects a whole number of at least `minimum`. */
export function integerFrom(minimum: number): Expectation {
  return {
    expected: `an integer of at least ${minimum}`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= minimum,
  };
}

/**
 * Checks what a caller wrote against a table of expectations; `undefined` counts as not written.
 *
 * @param noun what an entry is called in messages, such as `option`
 * @throws {ConfigurationError} at the first entry that is unknown or not as expected
 */
export function check(given: unknown, table: Readonly<Record<string, Expectation>>, noun: string): void {
  if (given === undefined) return;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ConfigurationError(`expected an object of ${noun}s, got ${kindOf(given)}`);
  }
  for (const name of Object.keys(given)) {
    const value = (given as Record<string, unknown>)[name];
    const expectation = Object.hasOwn(table, name) ? table[name] : undefined;
    if (expectation === undefined) throw new ConfigurationError(unknownName(noun, name, Object.keys(table)));
    if (value === undefined || expectation.accepts(value)) continue;
    const got = expectation.secret ? kindOf(value) : describe(value);
    throw new ConfigurationError(`${noun} \`${name}\` must be ${expectation.expected}, got ${got}`);
  }
}

/** The sentence for a name nobody knows: with the name that was meant, if one is close, else with all there are. */
export function unknownName(noun: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const hint = meant === null ? `expected one of ${known.map(quote).join(", ")}` : `did you mean ${quote(meant)}?`;
  return `unknown ${noun} ${quote(name)}, ${hint}`;
}

/** A value as a message may show it: small ones themselves, others by their kind. */
export function describe(value: unknown): string {
  if (typeof value === "string" && value !== "") return quote(JSON.stringify(cut(value)));
  if (typeof value === "number" || typeof value === "boolean") return quote(String(value));
  return kindOf(value);
}

/** What kind of value it is, with its article; never the value itself. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `\`${value}\``;
  if (value === "") return "an empty string";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "then" in value ? "a promise" : "an object";
  return `a ${typeof value}`;
}

/** Whether a value is a promise, or can be waited for like one. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function quote(name: string): string {
  return `\`${cut(name)}\``;
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
