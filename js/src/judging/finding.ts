import type { JudgedCategory } from "../judge/judge.js";
import type { FullJudgement } from "../judge/judgement.js";
import type { Finding } from "../types.js";
import type { Question } from "./question.js";

const NAMES = {
  prompt_injection: "a prompt injection",
  jailbreak: "a jailbreak",
  data_exfiltration: "an exfiltration of data",
  tool_abuse: "an abuse of tools",
} as const satisfies Record<JudgedCategory, string>;

/**
 * What the judge says, as a finding about the whole content; null when it takes it for safe. A suspicious content is of medium
 * severity and so never blocks; an attack is critical, and blocks if the judge is sure.
 */
export function findingOf(
  { verdict, category, score }: FullJudgement,
  question: Question,
  fingerprintOf: (text: string) => string,
): Finding | null {
  if (verdict === "safe") return null;
  return {
    type: category,
    patternId: "judge",
    severity: verdict === "attack" ? "critical" : "medium",
    score,
    layer: "l3",
    start: 0,
    end: question.length ?? 0,
    path: question.length === null ? "$" : null,
    fingerprint: fingerprintOf(question.text),
    via: Object.freeze([]),
    explanation: `The judge takes it for ${verdict === "attack" ? "" : "what may be "}${NAMES[category]}.`,
  };
}
