import { knownCatalog, numberOf } from "./catalog.js";
import { type AnyCause, allCauses, WARNINGS } from "./causes.js";
import { nowMs } from "./clock.js";
import { debugLine } from "./debug-line.js";
import { TRAPPED } from "./engine.js";
import type { WaitUntil } from "./http/wait-until.js";
import { printDebug } from "./notices.js";
import type { Parts } from "./parts.js";
import { type Consequences, NO_CONSEQUENCES, type Profile, type Subject, UNJUDGED } from "./policies/policies.js";
import { makeResult, type Outcome } from "./scan/result.js";
import { type Cause, type Extent, layersOf, scanContent } from "./scan/scan.js";
import type { Direction, Finding, FindingContext, Layer, ScanResult } from "./types.js";

/** What a scan comes to when no layer is on. */
export const UNSCANNED: Outcome<Cause> = {
  findings: [],
  l1Result: "pass",
  l2Result: null,
  l3Result: null,
  riskScore: 0,
  layersExecuted: [],
  sanitizedContent: null,
  contentLength: null,
  causes: [],
};

/** What contents come to: found, judged by the policies, counted and told. */
export class Scans {
  readonly #parts: Parts;
  readonly #extent: Extent;
  readonly #threatsOnly: Extent;
  readonly #findCanaries: (text: string) => Finding[];
  /** Counters since the Shield was made. */
  readonly counts = { scansTotal: 0, blocksTotal: 0, flagsTotal: 0, failOpenTotal: 0, policyEvaluationsTotal: 0 };

  constructor(parts: Parts) {
    this.#parts = parts;
    const { l1Enabled, maxInputChars, scanTimeoutMs } = parts.options;
    this.#extent = { l1Enabled, maxInputChars, scanTimeoutMs, sought: "everything", l2: parts.l2 };
    this.#threatsOnly = { ...this.#extent, maxInputChars: Number.MAX_SAFE_INTEGER, sought: "threats" };
    this.#findCanaries = (text) => parts.canaries.findIn(text);
  }

  /** Scans with every layer that is on, the judge included. */
  async scanDeep(
    content: unknown,
    context: FindingContext,
    waitUntil: WaitUntil | undefined,
  ): Promise<{ readonly result: ScanResult; readonly contentLength: number | null }> {
    const startedMs = nowMs();
    const outcome = this.outcomeOf(content, context.direction, context.agentId);
    const unjudged = this.#parts.judging.hold(content, outcome, context, startedMs);
    const judged = unjudged === null ? outcome : await this.#parts.judging.judge(unjudged);
    return { result: this.conclude(judged, context, startedMs, waitUntil), contentLength: outcome.contentLength };
  }

  /** What follows from what was found, counted and told. */
  conclude(
    outcome: Outcome<AnyCause>,
    context: FindingContext,
    startedMs: number,
    waitUntil: WaitUntil | undefined,
  ): ScanResult {
    const missing = this.#parts.cloud.use(null, waitUntil);
    const consequences = this.judge(outcome, { ...context, policies: null });
    if (!this.#parts.policies.isEmpty) this.counts.policyEvaluationsTotal += 1;
    const causes = allCauses(outcome, consequences, missing);
    const result = makeResult({ ...outcome, causes }, consequences, this.#parts.options, nowMs() - startedMs);
    this.#record(result, causes, context);
    this.#parts.anomalies.noteRisk(context, result.riskScore);
    return result;
  }

  /** What L1 and L2 find in a content. */
  outcomeOf(content: unknown, direction: Direction, agentId: string | null): Outcome<Cause> {
    return this.#outcomeOf(content, direction, agentId, this.#extent);
  }

  #outcomeOf(content: unknown, direction: Direction, agentId: string | null, extent: Extent): Outcome<Cause> {
    if (!extent.l1Enabled && extent.l2 === null) return UNSCANNED;
    const isAllowed = (finding: Finding): boolean => this.#parts.allowlist.has(finding, agentId);
    const knowledge = direction === "output" ? { isAllowed, findMore: this.#findCanaries } : { isAllowed };
    return scanContent(this.#parts.core, content, direction, extent, knowledge);
  }

  /** The layers that look at contents now. */
  get layers(): readonly Layer[] {
    return layersOf(this.#extent);
  }

  /** The threats among it in a part of a text, of which nothing is left out. */
  threatsIn(text: string, direction: Direction, agentId: string | null): Outcome<Cause> {
    return this.#outcomeOf(text, direction, agentId, this.#threatsOnly);
  }

  /** What follows from findings for a subject. */
  judge({ findings }: Pick<Outcome, "findings">, subject: Subject, known?: Profile | typeof TRAPPED): Consequences {
    if (findings.length === 0) return NO_CONSEQUENCES;
    const profile = known ?? this.#parts.policies.profile(subject);
    if (profile === TRAPPED) return UNJUDGED;
    const catalog = knownCatalog(this.#parts.core);
    return this.#parts.policies.judgeFindings(
      profile,
      findings,
      (id) => numberOf(id, catalog),
      ({ layer, score }) => (layer === "l2" ? score >= (this.#parts.l2?.blockThreshold ?? 1) : null),
    );
  }

  /** Counts a result, of a scan or of a decision. */
  count({ actionTaken, failedOpen }: Pick<ScanResult, "actionTaken" | "failedOpen">): void {
    const { counts } = this;
    if (actionTaken === "block") counts.blocksTotal += 1;
    else if (actionTaken !== "allow") counts.flagsTotal += 1;
    if (failedOpen !== null) counts.failOpenTotal += 1;
  }

  #record(result: ScanResult, causes: readonly AnyCause[], context: FindingContext): void {
    this.counts.scansTotal += 1;
    this.count(result);
    for (const cause of causes) this.#parts.notices.warn(cause, WARNINGS[cause]);
    for (const finding of result.threatsDetected) this.#parts.notices.finding(finding, context);
    if (this.#parts.options.debug) printDebug(debugLine(result, context.direction));
  }
}
