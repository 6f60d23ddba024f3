import { weightsOf } from "../catalog.js";
import { nowMs } from "../clock.js";
import { TRAPPED, weigh } from "../engine.js";
import type { Judge } from "../judge/judge.js";
import type { FullJudgement } from "../judge/judgement.js";
import { readVerdict } from "../scan/report.js";
import { type Outcome, withFindings } from "../scan/result.js";
import type { Cause } from "../scan/scan.js";
import type { Direction, Finding, FindingContext } from "../types.js";
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
  readonly outcome: Judged;
  readonly question: Question;
  readonly direction: Direction;
  readonly agentId: string | null;
  /** When the scan began. */
  readonly startedMs: number;
}

/** What the scan of a content came to with the judge's part. */
export type Judged = Outcome<Cause | JudgeCause>;

/** The least risk that is reported, as in the core. */
const FLAG_AT = 0.35;

/** Layer L3: adds to what the other layers found what the judge says. */
export class Judging {
  readonly #options: JudgingOptions;
  readonly #fingerprint: (text: string) => string;
  readonly #isAllowed: (finding: Finding, agentId: string | null) => boolean;
  #asked = 0;
  #failed = 0;

  /**
   * @param fingerprint a keyed hash of a text, 16 hexadecimal digits: of all of it, since an attack could hide in a long text that
   *   is similar to one that was allowed
   */
  constructor(
    options: JudgingOptions,
    fingerprint: (text: string) => string,
    isAllowed: (finding: Finding, agentId: string | null) => boolean,
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
  hold(
    content: unknown,
    outcome: Judged,
    { direction, agentId }: Pick<FindingContext, "direction" | "agentId">,
    startedMs: number,
  ): Unjudged | null {
    const question = this.#options.judge === null ? null : questionAbout(content);
    return question === null ? null : { outcome, question, direction, agentId, startedMs };
  }

  /** Asks the judge, and adds what it says. Never rejects, and takes no longer than the time-out allows. */
  async judge(
    { outcome, question, direction, agentId, startedMs }: Unjudged,
    cancelled?: AbortSignal,
  ): Promise<Judged> {
    const { judge, scanTimeoutMs } = this.#options;
    if (judge === null) return outcome;
    this.#asked += 1;
    const request = { text: question.text, direction, findings: outcome.findings };
    const answer = await ask(judge, request, startedMs + scanTimeoutMs - nowMs(), cancelled);
    if (typeof answer === "string") {
      this.#failed += 1;
      return withCause(outcome, answer);
    }
    const judged = this.#add(outcome, question, answer, agentId);
    return question.isCut ? withCause(judged, "judge_truncated") : judged;
  }

  #add(outcome: Judged, question: Question, judgement: FullJudgement, agentId: string | null): Judged {
    const found = findingOf(judgement, question, this.#fingerprint);
    const finding = found !== null && this.#isAllowed(found, agentId) ? null : found;
    const weighed = weigh(Float64Array.from(finding === null ? [] : weightsOf(finding)));
    if (weighed === TRAPPED) return withCause(outcome, "trap");
    const { l1Result: l3Result, riskScore } = readVerdict(weighed);
    const layersExecuted = Object.freeze([...outcome.layersExecuted, "l3"] as const);
    if (finding === null || riskScore < FLAG_AT) return { ...outcome, layersExecuted, l3Result: "pass" };
    // Where in the content the attack stands is not known.
    return { ...withFindings(outcome, [finding]), layersExecuted, l3Result, sanitizedContent: question.withoutTexts };
  }
}

/** The outcome with a cause why not all was judged. */
export function withCause(outcome: Judged, cause: Cause | JudgeCause): Judged {
  return { ...outcome, causes: [...outcome.causes, cause] };
}
