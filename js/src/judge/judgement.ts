import type { JudgedCategory, Judgement } from "./judge.js";

export const VERDICTS: readonly Judgement["verdict"][] = ["safe", "suspicious", "attack"];
export const JUDGED_CATEGORIES: readonly JudgedCategory[] = [
  "prompt_injection",
  "jailbreak",
  "data_exfiltration",
  "tool_abuse",
];

/** A judgement with its category told. */
export type FullJudgement = Required<Judgement> & { readonly category: JudgedCategory };

/** Reads a judgement; null when it is none. Fields that a judgement does not have are left out. */
export function readJudgement(value: unknown): FullJudgement | null {
  if (typeof value !== "object" || value === null) return null;
  // Each is read once: a getter could answer something else the next time.
  const { verdict, score, category = "prompt_injection" } = value as Partial<Record<keyof Judgement, unknown>>;
  if (!isOneOf(VERDICTS, verdict) || !isOneOf(JUDGED_CATEGORIES, category)) return null;
  return typeof score === "number" && score >= 0 && score <= 1 ? { verdict, score, category } : null;
}

function isOneOf<Word extends string>(words: readonly Word[], value: unknown): value is Word {
  return words.some((word) => word === value);
}
