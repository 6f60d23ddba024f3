// What the measurements ask of a scan's result.
import type { Category, Finding, ScanResult } from "@runesec/scanner";

const THREATS: ReadonlySet<Category> = new Set([
  "prompt_injection",
  "jailbreak",
  "data_exfiltration",
  "tool_abuse",
] as const);

/** What speaks of an attack. One such finding makes a text *found*, or an alarm if it is honest. */
export function threatsIn(result: ScanResult): Finding[] {
  return result.threatsDetected.filter(({ type }) => THREATS.has(type));
}

/** What a text would be redacted for. */
export function dataIn(result: ScanResult, ...types: readonly ("pii_detection" | "secret_detection")[]): Finding[] {
  return result.threatsDetected.filter(({ type }) => (types as readonly Category[]).includes(type));
}

/** Whether any of the findings shares a character with the span. */
export function overlapsAny(span: { start: number; end: number }, findings: readonly Finding[]): boolean {
  return findings.some(({ start, end }) => start < span.end && span.start < end);
}
