import "../test/support/core.js";
import { deepEqual, equal } from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import * as errors from "./errors.js";
import type { RuneEvent } from "./events/event.js";
import { Shield } from "./shield.js";
import type { Finding, PolicyResult, ShieldConfig, Violation } from "./types.js";

// Every public name is used by a test. docs/names.md says by which, and is written by this one.

const DOC = "docs/names.md";
const BEGIN = "<!-- table -->\n";

/** What the compiler knows of, so that a name that is added must be added here. */
type NamesOf<T> = Record<keyof Required<T>, true>;

const CONFIG: NamesOf<ShieldConfig> = {
  apiKey: true,
  l1Enabled: true,
  l2Enabled: true,
  l2Model: true,
  l2BlockThreshold: true,
  l2FlagThreshold: true,
  l3Enabled: true,
  l3Blocking: true,
  judge: true,
  scanTimeoutMs: true,
  customPatterns: true,
  policies: true,
  localPoliciesPath: true,
  apiEndpoint: true,
  policySyncIntervalSeconds: true,
  rateLimitStore: true,
  connectionTimeoutSeconds: true,
  defaultRateLimitPerMinute: true,
  eventsEnabled: true,
  eventsEndpoint: true,
  eventBatchSize: true,
  eventFlushIntervalSeconds: true,
  eventQueueLimit: true,
  eventSpoolPath: true,
  fetch: true,
  maxInputChars: true,
  onError: true,
  onBlock: true,
  dryRun: true,
  env: true,
  defaultAgentId: true,
  defaultAgentTags: true,
  debug: true,
  onFinding: true,
  onEvent: true,
  onWarning: true,
};
const FINDING: NamesOf<Finding> = {
  type: true,
  patternId: true,
  severity: true,
  score: true,
  layer: true,
  start: true,
  end: true,
  path: true,
  fingerprint: true,
  via: true,
  explanation: true,
};
const VIOLATION: NamesOf<Violation> = {
  policy: true,
  rule: true,
  kind: true,
  action: true,
  severity: true,
  message: true,
  retryAfterMs: true,
};
const POLICY_RESULT: NamesOf<PolicyResult> = {
  allowed: true,
  blocked: true,
  violations: true,
  evaluatedPolicies: true,
  actionTaken: true,
  policyLatencyMs: true,
  failedOpen: true,
  dryRun: true,
};
const EVENT: NamesOf<RuneEvent> = {
  event_id: true,
  timestamp: true,
  agent_id: true,
  agent_tags: true,
  event_type: true,
  direction: true,
  action: true,
  action_taken: true,
  scan_result: true,
  policy_result: true,
  params_hash: true,
  content_length: true,
  sdk: true,
};

const shield = new Shield({ onWarning: () => {} });
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Shield: Object.getOwnPropertyNames(Shield.prototype).filter((name) => name !== "constructor"),
  ShieldConfig: Object.keys(CONFIG),
  "Shield.stats": Object.keys(shield.stats),
  ScanResult: [...Object.keys(shield.scanInput("text")), "sanitizedContent"],
  Finding: Object.keys(FINDING),
  PolicyResult: Object.keys(POLICY_RESULT),
  Violation: Object.keys(VIOLATION),
  "an event": Object.keys(EVENT),
  "a function": ["isInstance", "toDenial"],
  // What begins with a small letter there is for the package's own use.
  "an error": Object.keys(errors).filter((name) => /^[A-Z]/.test(name)),
};

const tests = ["js/src", "js/test"]
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => `${folder}/${file}`))
  .filter((file) => /\.test\.ts$|cases\.ts$/.test(file) && !file.endsWith("/names.test.ts"))
  .map((file) => ({ file, code: readFileSync(file, "utf8") }));

/** The test that the documentation names for a name if that still uses it, else the one that says it most often. */
function testOf(of: string, name: string, document: string): string | null {
  const uses = new RegExp(`(?<![\\w$])${name}(?![\\w$])`, "g");
  const users = tests
    .map(({ file, code }) => ({ file, count: code.match(uses)?.length ?? 0 }))
    .filter(({ count }) => count > 0);
  const isNamed = (file: string): boolean => document.includes(rowOf(of, name, file));
  const named = users.find(({ file }) => isNamed(file));
  return named?.file ?? users.sort((a, b) => b.count - a.count)[0]?.file ?? null;
}

function rowOf(of: string, name: string, file: string): string {
  return `| \`${name}\` | ${of} | \`${file}\` |\n`;
}

test("every public name is used by a test, which the documentation names", () => {
  const document = readFileSync(DOC, "utf8");
  const rows = Object.entries(GROUPS).flatMap(([of, names]) =>
    names.map((name) => ({ of, name, file: testOf(of, name, document) })),
  );
  deepEqual(
    rows.filter(({ file }) => file === null),
    [],
  );
  const table = rows.map(({ of, name, file }) => rowOf(of, name, file ?? "")).join("");
  const intro = document.slice(0, document.indexOf(BEGIN) + BEGIN.length);
  const wanted = `${intro}| name | of | test |\n|---|---|---|\n${table}`;
  if (process.env["UPDATE_DOCS"] !== undefined) writeFileSync(DOC, wanted);
  else equal(document, wanted, "UPDATE_DOCS=1 node scripts/unit-tests.mjs writes it anew");
});
