import { deepEqual, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";

const SRC = "js/src";
/** What every file may import. */
const LEAVES = ["types", "errors", "expectation", "nearest", "bytes"];

/**
 * Who may import whom, by folder or file; the drawing in ARCHITECTURE.md says the same. What is not listed here fails,
 * so a new file must find its place in the order first.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  types: ["events", "judge", "rate-limits"],
  nearest: [],
  errors: ["types"],
  expectation: ["errors", "nearest"],
  base64: [],
  bytes: [],
  session: [],
  clock: [],
  sha256: [],
  "debug-line": ["types"],
  environment: LEAVES,
  "fingerprint-key": ["bytes", "sha256"],
  notices: ["events", "types"],
  runtime: [],
  version: [],
  catalog: LEAVES,
  options: [...LEAVES, "environment", "judge", "rate-limits", "similarity"],
  engine: [...LEAVES, "generated"],
  redact: [...LEAVES, "catalog", "engine", "options"],
  scan: [...LEAVES, "catalog", "clock", "engine", "scan", "similarity"],
  // What is told to a judge, and models that can be one.
  judge: [...LEAVES, "http", "judge", "nonce", "runtime"],
  // How a Shield asks its judge.
  judging: [...LEAVES, "catalog", "clock", "engine", "http", "judge", "judging", "scan"],
  // The model of L2: whether it is there, and what was added to it.
  similarity: [...LEAVES, "catalog", "engine", "options", "similarity"],
  // How calls are counted is used by the Shield in this process, and by stores that share the counts.
  "rate-limits": [...LEAVES, "rate-limits", "sha256"],
  // What only one platform or framework needs. An adapter knows it by types of its own, never by an import.
  adapters: [...LEAVES, "adapters", "http", "notices", "rate-limits", "sha256"],
  // Documents, decisions about calls, and what was called before.
  policies: [...LEAVES, "catalog", "clock", "engine", "http", "policies", "rate-limits", "runtime", "session"],
  // What is told to a server; it sees results, never contents.
  events: [...LEAVES, "clock", "events", "http", "runtime", "sha256", "version"],
  // Asking servers: where they are, how long to wait for them, and when to come again.
  http: [...LEAVES, "http"],
  // What an agent usually does.
  anomaly: ["anomaly", "session", "types"],
  causes: ["judging", "policies", "scan"],
  // What a Shield is made of, what contents come to, and what calls go through.
  parts: [
    ...LEAVES,
    "allowlist",
    "anomaly",
    "canary",
    "engine",
    "events",
    "fingerprint-key",
    "judging",
    "notices",
    "options",
    "policies",
    "similarity",
  ],
  scans: [
    "catalog",
    "causes",
    "clock",
    "debug-line",
    "engine",
    "http",
    "notices",
    "parts",
    "policies",
    "scan",
    "types",
  ],
  calls: [
    "causes",
    "clock",
    "debug-line",
    "engine",
    "events",
    "http",
    "judging",
    "notices",
    "options",
    "parts",
    "policies",
    "protect",
    "scan",
    "scans",
    "types",
  ],
  shield: [
    ...LEAVES,
    "calls",
    "causes",
    "clock",
    "engine",
    "http",
    "options",
    "parts",
    "protect",
    "pseudonymize",
    "redact",
    "scans",
    "spotlight",
    "stream",
  ],
  // Texts that are scanned while they arrive.
  stream: [...LEAVES, "catalog", "clock", "engine", "http", "parts", "scan", "scans", "stream"],
  protect: LEAVES,
  allowlist: LEAVES,
  nonce: [],
  canary: ["nonce", "types"],
  pseudonymize: [...LEAVES, "engine", "nonce", "scan"],
  spotlight: [...LEAVES, "nonce"],
  // Fakes for those who test an agent, and for our own tests.
  testing: ["events", "judge", "testing"],
  index: ["errors", "events", "judge", "policies", "protect", "rate-limits", "shield", "types"],
  entrypoints: [
    "index",
    "adapters",
    "judge",
    "rate-limits",
    "engine",
    "base64",
    "similarity",
    "testing",
    "types",
    "wasm",
  ],
  // The command line is a user of the package; it shares with it only how mistakes are worded.
  cli: ["cli", "expectation", "@runesec/scanner", "node:"],
};

const files = readdirSync(SRC, { recursive: true })
  .map((file) => posix.normalize(String(file)))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith(".d.ts"));

/** The folder that a file is in, or its own name when it is in none. */
function placeOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : file.replace(/\.[tj]s$/, "");
}

function importsOf(file: string): string[] {
  const code = readFileSync(`${SRC}/${file}`, "utf8");
  const specifiers = [
    ...code.matchAll(/^(?:import|export|\}) .*?from "([^"]+)";$|^import "([^"]+)";$|\bimport\("([^"]+)"\)/gm),
  ];
  return specifiers.map(([, from, bare, dynamic]) => targetOf(file, from ?? bare ?? dynamic ?? ""));
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith("node:")) return "node:";
  if (!specifier.startsWith(".")) return specifier;
  if (/\.(wasm|bin)/.test(specifier)) return "wasm";
  const path = posix.join(posix.dirname(file), specifier);
  return path.startsWith("../generated/") ? "generated" : placeOf(path);
}

test("every import goes in an allowed direction", () => {
  const forbidden = files.flatMap((file) => {
    const allowed = ALLOWED[placeOf(file)] ?? [];
    return importsOf(file).flatMap((target) => (allowed.includes(target) ? [] : [`${file} -> ${target}`]));
  });
  deepEqual(forbidden, []);
});

test("every import is seen by this test", () => {
  for (const file of files) {
    const statements = readFileSync(`${SRC}/${file}`, "utf8").match(/\bfrom "|\bimport "|\bimport\("/g) ?? [];
    deepEqual(importsOf(file).length, statements.length, file);
  }
});

test("every place has its rule, and every rule its place", () => {
  const places = [...new Set(files.map(placeOf))].sort();
  deepEqual(places, Object.keys(ALLOWED).sort());
});

test("only the command line and the entry points name a runtime", () => {
  for (const file of files.filter((each) => placeOf(each) !== "cli")) {
    ok(!/^import .*"node:/m.test(readFileSync(`${SRC}/${file}`, "utf8")), file);
  }
});
