import { type Pattern, SEVERITIES } from "../catalog.js";
import type { Finding, LayerResult } from "../types.js";

/** What the core says about one piece of text; spans are counted from the piece's own beginning. */
export interface Report {
  readonly l1Result: LayerResult;
  readonly riskScore: number;
  readonly isWorkLimitReached: boolean;
  readonly findings: readonly Finding[];
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
] as const;

/** Reads the numbers in which the core answers. */
export function readReport(numbers: Float64Array, catalog: readonly Pattern[]): Report {
  const findings: Finding[] = [];
  for (let at = HEADER_NUMBERS; at + NUMBERS_PER_FINDING <= numbers.length; at += NUMBERS_PER_FINDING) {
    findings.push(readFinding(numbers.subarray(at, at + NUMBERS_PER_FINDING), catalog));
  }
  return {
    ...readVerdict(numbers),
    isWorkLimitReached: numbers[2] === 1,
    findings,
  };
}

/** Reads what findings come to. */
export function readVerdict(numbers: Float64Array): Pick<Report, "l1Result" | "riskScore"> {
  return { l1Result: LAYER_RESULTS[numbers[0] ?? 0] ?? "pass", riskScore: numbers[1] ?? 0 };
}

function readFinding(numbers: Float64Array, catalog: readonly Pattern[]): Finding {
  const [patternIndex = 0, start = 0, end = 0, score = 0, severity = 0, high = 0, low = 0, via = 0] = numbers;
  const pattern = catalog[patternIndex];
  return {
    type: pattern?.category ?? "anomaly",
    patternId: pattern?.id ?? "unknown",
    severity: SEVERITIES[severity] ?? "low",
    score,
    layer: "l1",
    start,
    end,
    path: null,
    fingerprint: hex32(high) + hex32(low),
    via: Object.freeze(VIA_BITS.filter((_, bit) => (via & (1 << bit)) !== 0)),
    explanation: pattern?.explanation ?? "",
  };
}

function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
