import { openCatalog, weightsOf } from "../catalog.js";
import { nowMs } from "../clock.js";
import { type Core, TRAPPED, weigh } from "../engine.js";
import type { L2Cause } from "../similarity/l2.js";
import type { Direction, Finding, Layer, LayerResult } from "../types.js";
import { type Slice, selectSlices } from "./budget.js";
import { type Part, readContent } from "./content.js";
import { pathOf } from "./path.js";
import { type Report, readReport, readVerdict } from "./report.js";
import { type Outcome, riskOf, stricter } from "./result.js";
import { type Span, sanitize } from "./sanitize.js";
import { similarOf } from "./similar.js";

/** Why part of a content went unscanned, the gravest first. */
export const CAUSES = [
  "trap",
  "work_limit",
  "scan_timeout",
  "unreadable_content",
  "input_truncated",
  "l2_unavailable",
  "l2_loading",
] as const;
export type Cause = (typeof CAUSES)[number];

/** A trap costs a new instance; a content whose every string traps must not cost one for each. */
const MAX_TRAPS_PER_SCAN = 3;
/** One list for each choice of layers serves all results. */
const LAYERS = {
  none: Object.freeze<Layer[]>([]),
  l1: Object.freeze<Layer[]>(["l1"]),
  l2: Object.freeze<Layer[]>(["l2"]),
  both: Object.freeze<Layer[]>(["l1", "l2"]),
} as const;
const SOUGHT = { everything: 0, threats: 1 } as const;
const DIRECTIONS = { input: 0, output: 1 } as const satisfies Record<Direction, number>;

/** Which layers look at a content, and how much of it, and for how long. */
export interface Extent {
  readonly maxInputChars: number;
  /** Looked at before each string: one that has been begun is scanned to its end. */
  readonly scanTimeoutMs: number;
  readonly l1Enabled: boolean;
  readonly sought: keyof typeof SOUGHT;
  /** Null when L2 is off. */
  readonly l2: { readonly cause: L2Cause | null; readonly blockThreshold: number } | null;
}

/** What a Shield knows beside the core. */
export interface Knowledge {
  /** What else is in a string; each finding is an attack that blocks. */
  readonly findMore?: (text: string) => Finding[];
  /** Whether a finding is known to be false. */
  readonly isAllowed?: (finding: Finding) => boolean;
}

/**
 * Scans each string of a content; the strictest one decides, and their risks add up as independent chances do.
 *
 * @throws {ContentError} when the content is nothing that text can be read from
 */
export function scanContent(
  core: Core,
  content: unknown,
  direction: Direction,
  { maxInputChars, scanTimeoutMs, l1Enabled, sought, l2 }: Extent,
  { findMore, isAllowed }: Knowledge = {},
): Outcome<Cause> {
  const startedMs = nowMs();
  const { parts, unread } = readContent(content);
  const { slices, isTruncated } = selectSlices(parts, maxInputChars);
  const causes = new Set<Cause>();
  const hasL2 = l2?.cause === null;
  if (l2 !== null && l2.cause !== null) causes.add(l2.cause);
  if (unread.threw) causes.add("unreadable_content");
  if (unread.tooMany || isTruncated) causes.add("input_truncated");

  const findings: Finding[] = [];
  const spans = new Map<Part, Span[]>();
  let l1Result: LayerResult = "pass";
  let l2Result: LayerResult | null = hasL2 ? "pass" : null;
  let riskScore = 0;
  let traps = 0;
  const add = (slice: Slice, found: readonly Finding[]): void => {
    if (found.length === 0) return;
    const placed = place(found, slice);
    for (const finding of placed) findings.push(finding);
    spans.set(slice.part, [...(spans.get(slice.part) ?? []), ...placed]);
  };
  for (const [index, slice] of (l1Enabled || hasL2 ? slices : []).entries()) {
    if (index > 0 && nowMs() - startedMs > scanTimeoutMs) {
      causes.add("scan_timeout");
      break;
    }
    const more = findMore?.(slice.text) ?? [];
    if (more.length > 0) [l1Result, riskScore] = ["block", 1];
    add(slice, more);
    const report = withoutAllowed(
      reportOn(slice, core, DIRECTIONS[direction], SOUGHT[sought], l1Enabled, hasL2),
      isAllowed,
    );
    if (report === TRAPPED) {
      causes.add("trap");
      traps += 1;
      if (traps === MAX_TRAPS_PER_SCAN) break;
    } else if (report !== null) {
      if (report.isWorkLimitReached) causes.add("work_limit");
      l1Result = stricter(l1Result, report.l1Result);
      riskScore += report.riskScore * (1 - riskScore);
      add(slice, report.findings);
      if (l2Result === null || l2 === null) continue;
      const similar = similarOf(report.resemblances, l2.blockThreshold);
      l2Result = stricter(l2Result, similar.l2Result);
      riskScore += riskOf(similar.findings) * (1 - riskScore);
      add(slice, similar.findings);
    }
  }
  return {
    findings,
    l1Result,
    l2Result,
    l3Result: null,
    riskScore,
    layersExecuted: layersOf({ l1Enabled, l2 }),
    sanitizedContent: sanitize(content, parts, spans),
    contentLength: parts.reduce((sum, { text }) => sum + text.length, 0),
    causes: gravestFirst(causes),
  };
}

/** The causes, the gravest first. */
export function gravestFirst(causes: ReadonlySet<Cause>): readonly Cause[] {
  return causes.size === 0 ? [] : CAUSES.filter((cause) => causes.has(cause));
}

/** The layers that look at a content now. */
export function layersOf({ l1Enabled, l2 }: Pick<Extent, "l1Enabled" | "l2">): readonly Layer[] {
  const hasL2 = l2?.cause === null;
  if (l1Enabled) return hasL2 ? LAYERS.both : LAYERS.l1;
  return hasL2 ? LAYERS.l2 : LAYERS.none;
}

/** What the core says about a slice; null when it has nothing to say, which is the common case and costs least. */
function reportOn(
  { text }: Slice,
  core: Core,
  direction: number,
  sought: number,
  l1Enabled: boolean,
  hasL2: boolean,
): Report | typeof TRAPPED | null {
  return core.run((scanner, similarity) => {
    const numbers =
      hasL2 && similarity !== undefined
        ? scanner.scanSimilar(text, direction, sought, similarity, l1Enabled)
        : scanner.scan(text, direction, sought);
    // Inside the net too: the first report reads the patterns out of the core, which may trap as well.
    return numbers === undefined ? null : readReport(numbers, openCatalog(core, scanner));
  });
}

/** The report as if what is allowed had not been found. */
function withoutAllowed(
  report: Report | typeof TRAPPED | null,
  isAllowed: Knowledge["isAllowed"],
): Report | typeof TRAPPED | null {
  if (report === null || report === TRAPPED || isAllowed === undefined) return report;
  const resemblances = report.resemblances.filter((finding) => !isAllowed(finding));
  const findings = report.findings.filter((finding) => !isAllowed(finding));
  if (findings.length === report.findings.length) return { ...report, resemblances };
  const weighed = weigh(Float64Array.from(findings.flatMap(weightsOf)));
  return weighed === TRAPPED ? TRAPPED : { ...report, ...readVerdict(weighed), findings, resemblances };
}

/** Moves findings from the piece they were found in to where it stands in the caller's value. */
function place(findings: readonly Finding[], { part, offset }: Slice): Finding[] {
  const path = pathOf(part.step);
  return findings.map((finding) => ({ ...finding, start: finding.start + offset, end: finding.end + offset, path }));
}
