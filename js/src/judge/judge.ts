import type { Direction, Finding } from "../types.js";

/** What a judge is asked. */
export interface JudgeRequest {
  /** The text to judge; of a content that is no string, its JSON text. At most 50,000 UTF-16 units and a line that says what was left out. */
  readonly text: string;
  readonly direction: Direction;
  /** What the other layers found. */
  readonly findings: readonly Finding[];
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** The kinds of attack that a judge can name. */
export type JudgedCategory = "prompt_injection" | "jailbreak" | "data_exfiltration" | "tool_abuse";

/** What a judge says. It has no room for words about the text, which might quote it. */
export interface Judgement {
  /** An attack can block, something suspicious is only flagged. */
  readonly verdict: "safe" | "suspicious" | "attack";
  /** How sure the judge is of its verdict, 0–1. */
  readonly score: number;
  /** What kind of attack it is or may be. Default `"prompt_injection"`. */
  readonly category?: JudgedCategory | undefined;
}

/**
 * Judges a text: layer L3. It may throw, answer nonsense or never answer; the scan says so in `failedOpen` and goes on.
 *
 * A `RuneError` whose code is `judge_refused` or `judge_malformed` is told as such, everything else as `judge_failed`.
 */
export type Judge = (request: JudgeRequest) => Judgement | Promise<Judgement>;
