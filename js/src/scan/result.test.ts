import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Category, Finding, Severity } from "../types.js";
import { makeResult, type Outcome } from "./result.js";

const OPEN = { onError: "open", dryRun: false } as const;

function finding(type: Category, severity: Severity, score: number): Finding {
  const patternId = `${type}/${severity}/${score}`;
  return {
    type,
    patternId,
    severity,
    score,
    layer: "l1",
    start: 0,
    end: 1,
    path: null,
    fingerprint: "",
    via: [],
    explanation: patternId,
  };
}

function outcome(parts: Partial<Outcome>): Outcome {
  return {
    findings: [],
    l1Result: "pass",
    riskScore: 0,
    layersExecuted: ["l1"],
    causes: [],
    sanitizedContent: null,
    ...parts,
  };
}

test("what is done follows from the layer, then from what was found", () => {
  const threat = finding("jailbreak", "low", 0.5);
  const personal = finding("pii_detection", "high", 0.9);
  for (const [given, expected] of [
    [outcome({}), "allow"],
    [outcome({ l1Result: "flag", findings: [personal] }), "log"],
    [outcome({ l1Result: "flag", findings: [personal, threat] }), "alert"],
    [outcome({ l1Result: "block", findings: [threat] }), "block"],
    [outcome({ causes: ["trap", "input_truncated"] }), "allow"],
  ] as const) {
    equal(makeResult(given, OPEN, 0).actionTaken, expected);
  }
});

test("the strongest finding explains: threats first, then score by severity", () => {
  const findings = [
    finding("secret_detection", "critical", 1),
    finding("jailbreak", "low", 0.9),
    finding("data_exfiltration", "critical", 0.6),
    finding("prompt_injection", "high", 0.6),
  ];
  const result = makeResult(outcome({ findings, l1Result: "flag" }), OPEN, 0);
  deepEqual([result.threatType, result.explanation], ["data_exfiltration", "data_exfiltration/critical/0.6"]);
  equal(makeResult(outcome({ findings: findings.slice(0, 2) }), OPEN, 0).threatType, "jailbreak");
  equal(makeResult(outcome({ findings: findings.slice(0, 1) }), OPEN, 0).threatType, "secret_detection");
});

test("closed means that a failure blocks, unless the run is dry", () => {
  const failed = outcome({ causes: ["work_limit"] });
  const closed = makeResult(failed, { onError: "closed", dryRun: false }, 0);
  deepEqual([closed.blocked, closed.actionTaken, closed.failedOpen], [true, "block", "work_limit"]);
  const dry = makeResult(failed, { onError: "closed", dryRun: true }, 0);
  deepEqual([dry.blocked, dry.actionTaken, dry.dryRun], [false, "block", true]);
});

test("sanitized content is there to be asked for and nowhere else", () => {
  const result = makeResult(outcome({ sanitizedContent: "a [REDACTED]" }), OPEN, 0);
  equal(result.sanitizedContent, "a [REDACTED]");
  equal({ ...result }.sanitizedContent, undefined);
  equal(JSON.stringify(result).includes("REDACTED"), false);
});
