import { weightsOf } from "../catalog.js";
import { nowMs } from "../clock.js";
import { TRAPPED, weigh } from "../engine.js";
import type { Judge } from "../judge/judge.js";
import type { FullJudgement } from "../judge/judgement.js";
import { readVerdict } from "../scan/report.js";
import type { Outcome } from "../scan/result.js";
import type { Cause } from "../scan/scan.js";
import type { Direction, Finding } from "../types.js";
import { ask, type JudgeCause } from "./ask.js";
import { findingOf } from "./finding.js";
import { type Question, questionAbout } from "./question.js";

/** What a Shield says about its judge. */
export interface JudgingOptions {
  readonly judge: Judge | null;
  readonly scanTimeoutMs: number;
}

/** The scan of a content that is still to be judged. */
export interface Unjudged {
  readonly outcome: Outcome<Cause>;
  readonly question: Question;
  readonly direction: Direction;
  /** When the scan began. */
  readonly startedMs: number;
}

/** The least risk that is reported, as in the core. */
const FLAG_AT = 0.35;
const NEVER = new AbortController().signal;

/** Layer L3: adds to what the other layers found what the judge says. */
export class Judging {
  readonly #options: JudgingOptions;
  readonly #fingerprint: (text: string) => string;
  readonly #isAllowed: (finding: Finding) => boolean;
  #asked = 0;
  #failed = 0;

  /**
   * @param fingerprint a keyed hash of a text, 16 hexadecimal digits: of all of it, since an attack could hide in a long text that
   *   is similar to one that was allowed
   */
  constructor(
    options: JudgingOptions,
    fingerprint: (text: string) => string,
    isAllowed: (finding: Finding) => boolean,
  ) {
    this.#options = options;
    this.#fingerprint = fingerprint;
    this.#isAllowed = isAllowed;
  }

  /** How often the judge was asked, and how often it did not answer. */
  get counts(): { readonly asked: number; readonly failed: number } {
    return { asked: this.#asked, failed: this.#failed };
  }

  /**
   * Keeps a content as it is now, for the judge; null when there is no judge, or no text.
   *
   * @throws {ContentError} when the content is nothing that text can be read from
   */
  hold(content: unknown, outcome: Outcome<Cause>, direction: Direction, startedMs: number): Unjudged | null {
    const question = this.#options.judge === null ? null : questionAbout(content);
    return question === null ? null : { outcome, question, direction, startedMs };
  }

  /** Asks the judge, and adds what it says. Never rejects, and takes no longer than the time-out allows. */
  async judge(
    { outcome, question, direction, startedMs }: Unjudged,
    cancelled: AbortSignal = NEVER,
  ): Promise<Outcome<Cause | JudgeCause>> {
    const { judge, scanTimeoutMs } = this.#options;
    if (judge === null) return outcome;
    this.#asked += 1;
    const request = { text: question.text, direction, findings: outcome.findings };
    const answer = await ask(judge, request, startedMs + scanTimeoutMs - nowMs(), cancelled);
    if (typeof answer === "string") {
      this.#failed += 1;
      return withCause(outcome, answer);
    }
    const judged = this.#add(outcome, question, answer);
    return question.isCut ? withCause(judged, "judge_truncated") : judged;
  }

  #add(outcome: Outcome<Cause>, question: Question, judgement: FullJudgement): Outcome<Cause> {
    const found = findingOf(judgement, question, this.#fingerprint(question.text));
    const finding = found !== null && this.#isAllowed(found) ? null : found;
    const weighed = weigh(Float64Array.from(finding === null ? [] : weightsOf(finding)));
    if (weighed === TRAPPED) return withCause(outcome, "trap");
    const { l1Result: l3Result, riskScore } = readVerdict(weighed);
    const layersExecuted = Object.freeze([...outcome.layersExecuted, "l3"] as const);
    if (finding === null || riskScore < FLAG_AT) return { ...outcome, layersExecuted, l3Result: "pass" };
    return {
      ...outcome,
      layersExecuted,
      l3Result,
      findings: [...outcome.findings, finding],
      riskScore: outcome.riskScore + riskScore * (1 - outcome.riskScore),
      // Where in it the attack stands is not known.
      sanitizedContent: question.withoutTexts,
    };
  }
}

function withCause<C extends string, More extends string>(outcome: Outcome<C>, cause: More): Outcome<C | More> {
  return { ...outcome, causes: [...outcome.causes, cause] };
}
