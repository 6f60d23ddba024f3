import type { Finding, LayerResult } from "../types.js";

/** What L2 says about a text. */
export interface Similar {
  readonly findings: readonly Finding[];
  readonly l2Result: LayerResult;
}

/** What windows found that may overlap: the strongest of them, and what follows from it. */
export function similarOf(resemblances: readonly Finding[], blockThreshold: number): Similar {
  const findings = apart(resemblances);
  return { findings, l2Result: l2ResultOf(findings, blockThreshold) };
}

/** What follows from findings of L2. */
export function l2ResultOf(findings: readonly Finding[], blockThreshold: number): LayerResult {
  if (findings.some(({ score }) => score >= blockThreshold)) return "block";
  return findings.length > 0 ? "flag" : "pass";
}

/** Those that overlap no stronger one that stays, in order. */
function apart(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length < 2) return findings;
  const kept: Finding[] = [];
  for (const finding of [...findings].sort((a, b) => b.score - a.score)) {
    const at = placeOf(finding, kept);
    const overlaps = (kept[at - 1]?.end ?? 0) > finding.start || (kept[at]?.start ?? finding.end) < finding.end;
    if (!overlaps) kept.splice(at, 0, finding);
  }
  return kept;
}

/** How many of the sorted findings begin before this one. */
function placeOf({ start }: Finding, sorted: readonly Finding[]): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
