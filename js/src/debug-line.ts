import type { Direction, PolicyResult, ScanResult, Violation } from "./types.js";

/** One scan in one line, without any scanned text. */
export function debugLine(result: ScanResult, direction: Direction): string {
  const findings = result.threatsDetected.map(({ patternId, start, end }) => `${patternId}@${start}-${end}`);
  const failed = failureOf(result);
  const facts = [
    `${direction} ${result.actionTaken}`,
    `risk ${result.riskScore.toFixed(2)}`,
    `${result.scanLatencyMs.toFixed(2)} ms`,
    ...findings,
    ...result.violations.map(ruleOf),
    ...failed,
  ];
  return `@runesec/scanner: ${facts.join(", ")}`;
}

/** One decision about an action in one line, without anything of its arguments. */
export function actionLine(result: PolicyResult): string {
  const facts = [
    `action ${result.actionTaken}`,
    `${result.policyLatencyMs.toFixed(2)} ms`,
    ...result.violations.map(ruleOf),
    ...failureOf(result),
  ];
  return `@runesec/scanner: ${facts.join(", ")}`;
}

function ruleOf({ policy, rule, kind, action }: Violation): string {
  return `${rule === null ? kind : `${policy}/${rule}`}: ${action}`;
}

function failureOf({ failedOpen }: Pick<ScanResult, "failedOpen">): string[] {
  return failedOpen === null ? [] : [`failed open: ${failedOpen}`];
}
