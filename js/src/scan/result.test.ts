import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Category, Finding, Severity, Violation } from "../types.js";
import { type Judgement, makeResult, type Outcome } from "./result.js";

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
    l2Result: null,
    l3Result: null,
    riskScore: 0,
    layersExecuted: ["l1"],
    causes: [],
    sanitizedContent: null,
    contentLength: 3,
    ...parts,
  };
}

const NOTHING: Judgement = { action: "allow", violations: [] };

test("what is done follows from the judgement", () => {
  const violation: Violation = {
    policy: "p",
    rule: "r",
    kind: "jailbreak",
    action: "block",
    severity: "high",
    message: "jailbreak was found",
  };
  const unruled = { ...violation, policy: null, rule: null };
  const result = makeResult(outcome({}), { action: "block", violations: [unruled, violation] }, OPEN, 0);
  deepEqual([result.blocked, result.actionTaken, result.violations], [true, "block", [violation]]);
  equal(makeResult(outcome({ causes: ["trap"] }), NOTHING, OPEN, 0).actionTaken, "allow");
});

test("the strongest finding explains: threats first, then score by severity", () => {
  const findings = [
    finding("secret_detection", "critical", 1),
    finding("jailbreak", "low", 0.9),
    finding("data_exfiltration", "critical", 0.6),
    finding("prompt_injection", "high", 0.6),
  ];
  const result = makeResult(outcome({ findings, l1Result: "flag" }), NOTHING, OPEN, 0);
  deepEqual([result.threatType, result.explanation], ["data_exfiltration", "data_exfiltration/critical/0.6"]);
  equal(makeResult(outcome({ findings: findings.slice(0, 2) }), NOTHING, OPEN, 0).threatType, "jailbreak");
  equal(makeResult(outcome({ findings: findings.slice(0, 1) }), NOTHING, OPEN, 0).threatType, "secret_detection");
});

test("closed means that a failure blocks, unless the run is dry", () => {
  const failed = outcome({ causes: ["work_limit"] });
  const closed = makeResult(failed, NOTHING, { onError: "closed", dryRun: false }, 0);
  deepEqual([closed.blocked, closed.actionTaken, closed.failedOpen], [true, "block", "work_limit"]);
  const dry = makeResult(failed, NOTHING, { onError: "closed", dryRun: true }, 0);
  deepEqual([dry.blocked, dry.actionTaken, dry.dryRun], [false, "block", true]);
});

test("sanitized content is there to be asked for and nowhere else", () => {
  const result = makeResult(outcome({ sanitizedContent: "a [REDACTED]" }), NOTHING, OPEN, 0);
  equal(result.sanitizedContent, "a [REDACTED]");
  equal({ ...result }.sanitizedContent, undefined);
  equal(JSON.stringify(result).includes("REDACTED"), false);
});
