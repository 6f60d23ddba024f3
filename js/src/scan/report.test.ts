import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { readReport } from "./report.js";

const CATALOG = [
  { id: "first", category: "jailbreak", severity: "low", explanation: "one" },
  { id: "second", category: "pii_detection", severity: "high", explanation: "two" },
] as const;

test("reads the numbers in which the core answers", () => {
  const numbers = [
    1, 0.5, 1, 1, 3, 14, 0.25, 2, 0xdead_beef, 0xf, 0b1001_0000_0000_1101, 0, 20, 21, 1, 3, 0, 0xffff_ffff, 0,
  ];
  deepEqual(readReport(Float64Array.from(numbers), CATALOG), {
    l1Result: "flag",
    riskScore: 0.5,
    isWorkLimitReached: true,
    findings: [
      {
        type: "pii_detection",
        patternId: "second",
        severity: "high",
        score: 0.25,
        layer: "l1",
        start: 3,
        end: 14,
        path: null,
        fingerprint: "deadbeef0000000f",
        via: ["zero_width", "confusables", "diacritics", "base64", "unicode_escapes"],
        explanation: "two",
      },
      {
        type: "jailbreak",
        patternId: "first",
        severity: "critical",
        score: 1,
        layer: "l1",
        start: 20,
        end: 21,
        path: null,
        fingerprint: "00000000ffffffff",
        via: [],
        explanation: "one",
      },
    ],
    resemblances: [],
  });
});

test("what L2 found is kept apart, with a name and a category of its own", () => {
  const attack = [-1, 0, 50, 0.75, 2, 0, 0, 0];
  const example = [-2 - 3, 50, 90, 0.9, 2, 0, 0, 1];
  const { findings, resemblances } = readReport(Float64Array.from([0, 0, 0, ...attack, ...example]), CATALOG);
  deepEqual(findings, []);
  deepEqual(
    resemblances.map(({ layer, patternId, type, severity, score }) => [layer, patternId, type, severity, score]),
    [
      ["l2", "similarity.attack", "prompt_injection", "high", 0.75],
      ["l2", "similarity.example", "tool_abuse", "high", 0.9],
    ],
  );
});

test("a report without findings may still say that the work limit was reached", () => {
  deepEqual(readReport(Float64Array.from([0, 0, 1]), CATALOG), {
    l1Result: "pass",
    riskScore: 0,
    isWorkLimitReached: true,
    findings: [],
    resemblances: [],
  });
});
