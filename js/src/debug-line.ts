import type { Direction, ScanResult } from "./types.js";

/** One scan in one line, without any scanned text. */
export function debugLine(result: ScanResult, direction: Direction): string {
  const findings = result.threatsDetected.map(({ patternId, start, end }) => `${patternId}@${start}-${end}`);
  const failed = result.failedOpen === null ? [] : [`failed open: ${result.failedOpen}`];
  const facts = [
    `${direction} ${result.actionTaken}`,
    `risk ${result.riskScore.toFixed(2)}`,
    `${result.scanLatencyMs.toFixed(2)} ms`,
    ...findings,
    ...failed,
  ];
  return `@runesec/scanner: ${facts.join(", ")}`;
}
