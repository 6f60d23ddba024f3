import { CATEGORIES, type Pattern, SEVERITIES } from "../catalog.js";
import type { Finding, LayerResult } from "../types.js";

/** What the core says about one piece of text; spans are counted from the piece's own beginning. */
export interface Report {
  readonly l1Result: LayerResult;
  readonly riskScore: number;
  readonly isWorkLimitReached: boolean;
  readonly findings: readonly Finding[];
  /** What L2 found; those of neighbouring windows overlap. */
  readonly resemblances: readonly Finding[];
}

const HEADER_NUMBERS = 3;
const NUMBERS_PER_FINDING = 8;
const LAYER_RESULTS = ["pass", "flag", "block"] as const satisfies readonly LayerResult[];
const VIA_BITS = [
  "zero_width",
  "compatibility",
  "confusables",
  "diacritics",
  "unicode_tags",
  "variation_selectors",
  "leetspeak",
  "spaced_letters",
  "split_words",
  "html_entities",
  "html_comments",
  "percent",
  "base64",
  "hex",
  "rot13",
  "unicode_escapes",
  "typos",
] as const;

const UNKNOWN = { category: "anomaly", id: "unknown", explanation: "" } as const satisfies Omit<Pattern, "severity">;
const LIKE_AN_ATTACK = {
  id: "similarity.attack",
  category: "prompt_injection",
  explanation:
    "Reads like attacks on AI models, by its words and their order. It may steer the model to what its writer wants.",
} as const satisfies Omit<Pattern, "severity">;

/** Reads the numbers in which the core answers. */
export function readReport(numbers: Float64Array, catalog: readonly Pattern[]): Report {
  const findings: Finding[] = [];
  const resemblances: Finding[] = [];
  for (let at = HEADER_NUMBERS; at + NUMBERS_PER_FINDING <= numbers.length; at += NUMBERS_PER_FINDING) {
    const finding = readFinding(numbers.subarray(at, at + NUMBERS_PER_FINDING), catalog);
    if (finding.layer === "l2") resemblances.push(finding);
    else findings.push(finding);
  }
  return {
    ...readVerdict(numbers),
    isWorkLimitReached: numbers[2] === 1,
    findings,
    resemblances,
  };
}

/** Reads what findings come to. */
export function readVerdict(numbers: Float64Array): Pick<Report, "l1Result" | "riskScore"> {
  return { l1Result: LAYER_RESULTS[numbers[0] ?? 0] ?? "pass", riskScore: numbers[1] ?? 0 };
}

function readFinding(numbers: Float64Array, catalog: readonly Pattern[]): Finding {
  const [patternIndex = 0, start = 0, end = 0, score = 0, severity = 0, high = 0, low = 0, via = 0] = numbers;
  const { category, id, explanation } = patternIndex < 0 ? resembled(patternIndex) : (catalog[patternIndex] ?? UNKNOWN);
  return {
    type: category,
    patternId: id,
    severity: SEVERITIES[severity] ?? "low",
    score,
    layer: patternIndex < 0 ? "l2" : "l1",
    start,
    end,
    path: null,
    fingerprint: hex32(high) + hex32(low),
    via: Object.freeze(VIA_BITS.filter((_, bit) => (via & (1 << bit)) !== 0)),
    explanation,
  };
}

/** What L2 reports stands for the model (-1) or for an example of a category that was added to it (-2 and below). */
function resembled(number: number): Omit<Pattern, "severity"> {
  if (number === -1) return LIKE_AN_ATTACK;
  const category = CATEGORIES[-2 - number] ?? UNKNOWN.category;
  return {
    id: "similarity.example",
    category,
    explanation: "Reads like an attack that was added with `addAttackExamples`.",
  };
}

function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
