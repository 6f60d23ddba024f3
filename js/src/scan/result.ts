import type { Action, Category, Finding, Layer, LayerResult, ScanResult, Severity, Violation } from "../types.js";

/** What a scan came to, before anyone decided what follows from it. */
export interface Outcome<Cause extends string = string> {
  readonly findings: readonly Finding[];
  readonly l1Result: LayerResult;
  /** Null where L2 did not run. */
  readonly l2Result: LayerResult | null;
  /** What the judge says; null where none was asked or none answered. */
  readonly l3Result: LayerResult | null;
  readonly riskScore: number;
  readonly layersExecuted: readonly Layer[];
  readonly sanitizedContent: string | null;
  /** UTF-16 units of all its texts; null when it was not read. */
  readonly contentLength: number | null;
  /** Why part of the content went unscanned, the gravest cause first. */
  readonly causes: readonly Cause[];
}

/** What the caller wants done with it. */
export interface Stance {
  readonly onError: "open" | "closed";
  readonly dryRun: boolean;
}

/** The same weights by which the core adds findings up. */
const SEVERITY_WEIGHTS = { low: 0.4, medium: 0.7, high: 0.9, critical: 1 } as const satisfies Record<Severity, number>;

/** The outcome with further findings that no text shows; their risks add up with its own as independent chances do. */
export function withFindings<Cause extends string>(outcome: Outcome<Cause>, more: readonly Finding[]): Outcome<Cause> {
  const riskScore = 1 - (1 - outcome.riskScore) * (1 - riskOf(more));
  return { ...outcome, findings: [...outcome.findings, ...more], riskScore };
}

const STRICTNESS = { pass: 0, flag: 1, block: 2 } as const satisfies Record<LayerResult, number>;

/** The stricter one; null stands for a layer that did not run. */
export function stricter<R extends LayerResult | null>(a: R, b: R): R {
  return (b === null ? -1 : STRICTNESS[b]) > (a === null ? -1 : STRICTNESS[a]) ? b : a;
}

/** The risk of findings, which adds up as independent chances do. */
export function riskOf(findings: readonly Finding[]): number {
  return 1 - findings.reduce((rest, { score, severity }) => rest * (1 - score * SEVERITY_WEIGHTS[severity]), 1);
}

/** What policies make of the findings. */
export interface Judgement {
  readonly action: Action;
  readonly violations: readonly Violation[];
}

/** Makes the frozen result that the caller sees. */
export function makeResult(outcome: Outcome, judgement: Judgement, stance: Stance, scanLatencyMs: number): ScanResult {
  const { findings, causes } = outcome;
  const failedOpen = causes[0] ?? null;
  const isClosed = failedOpen !== null && stance.onError === "closed";
  const actionTaken = isClosed ? "block" : judgement.action;
  const strongest = strongestOf(findings);
  const result = {
    blocked: actionTaken === "block" && !stance.dryRun,
    riskScore: outcome.riskScore,
    threatType: strongest?.type ?? null,
    explanation:
      strongest?.explanation ??
      (isClosed ? `not all of the content was scanned (${failedOpen}) and \`onError\` is "closed"` : null),
    scanLatencyMs,
    piiDetected: findings.some(({ type }) => type === "pii_detection"),
    secretsDetected: findings.some(({ type }) => type === "secret_detection"),
    layersExecuted: Object.freeze(outcome.layersExecuted),
    l1Result: outcome.l1Result,
    l2Result: outcome.l2Result,
    l3Result: outcome.l3Result,
    threatsDetected: freezeAll(findings),
    violations: Object.freeze(judgement.violations.filter(({ rule }) => rule !== null)),
    actionTaken,
    failedOpen,
    dryRun: stance.dryRun,
  };
  Object.defineProperty(result, "sanitizedContent", { value: outcome.sanitizedContent, enumerable: false });
  return Object.freeze(result) as unknown as ScanResult;
}

const NOTHING: readonly Finding[] = Object.freeze([]);

/** One empty list serves all clean results, which are most of them. */
function freezeAll(findings: readonly Finding[]): readonly Finding[] {
  return findings.length === 0 ? NOTHING : Object.freeze(findings.map((finding) => Object.freeze(finding)));
}

/** Whether a category is a threat, which can block, and not data that leaks, which is only flagged. */
export function isThreat(category: Category): boolean {
  return category !== "pii_detection" && category !== "secret_detection";
}

function strongestOf(findings: readonly Finding[]): Finding | undefined {
  const rank = (finding: Finding): number =>
    (isThreat(finding.type) ? 1 : 0) + finding.score * SEVERITY_WEIGHTS[finding.severity] * 0.99;
  return findings.reduce<Finding | undefined>(
    (best, finding) => (best === undefined || rank(finding) > rank(best) ? finding : best),
    undefined,
  );
}
