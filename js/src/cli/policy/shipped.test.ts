import "../../../test/support/core.js";
import { deepEqual, equal, match } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { lintPolicy, type Violation } from "@runesec/scanner";
import { run } from "../run.js";

const POLICIES = [
  "coding-agent",
  "customer-facing",
  "data-protection-eu",
  "default",
  "owasp-llm-top-10",
  "production",
  "research",
  "strict",
];

/** Runs a command on the files of the repository. */
async function runHere(...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const code = await run(
    argv,
    {
      readFile: (path) => readFile(path, "utf8"),
      readDirectory: (path) => readdir(path),
      readTree: async () => [],
      readStdin: async () => "",
      stdout: (text) => {
        written.stdout += text;
      },
      stderr: (text) => {
        written.stderr += text;
      },
      hasColour: false,
      isWatched: false,
    },
    "1.2.3",
  );
  return { code, ...written };
}

test("the policies that ship are those that the documentation names, each with its cases", () => {
  deepEqual(readdirSync("policies").sort(), POLICIES.flatMap((name) => [`${name}.test.yaml`, `${name}.yaml`]).sort());
});

test("not even a warning can be said about the policies that ship", async () => {
  deepEqual(await runHere("policy", "lint", "--strict", "policies"), {
    code: 0,
    stdout: `${POLICIES.length} policies, ${POLICIES.length} test files: 0 errors, 0 warnings\n`,
    stderr: "",
  });
});

test("the policies that ship pass their cases, in which every rule fires and does not fire", async () => {
  const { code, stdout, stderr } = await runHere("policy", "test", "--format=json", "policies");
  const { files } = JSON.parse(stdout) as {
    files: { file: string; cases: { name: string; failure: string | null; got: { violations: Violation[] } }[] }[];
  };
  const failures = files.flatMap(({ file, cases }) =>
    cases.flatMap(({ name, failure }) => (failure === null ? [] : `${file}: ${name}: ${failure}`)),
  );
  deepEqual(failures, []);
  deepEqual([code, stderr], [0, ""]);
  for (const name of POLICIES) {
    const rules = lintPolicy(readFileSync(`policies/${name}.yaml`, "utf8")).rules.map((rule) => rule.name);
    const cases = files.find(({ file }) => file === `policies/${name}.test.yaml`)?.cases ?? [];
    const fired = cases.map(({ got }) => got.violations.flatMap(({ rule }) => rule ?? []));
    deepEqual(
      rules.filter((rule) => !fired.some((names) => names.includes(rule))),
      [],
      `rules of ${name} that never fire`,
    );
    deepEqual(
      rules.filter((rule) => fired.every((names) => names.includes(rule))),
      [],
      `rules of ${name} that always fire`,
    );
  }
});

test("each policy that ships says for whom it is, what it assumes, what to adapt and what it cannot do", () => {
  for (const name of POLICIES) {
    const yaml = readFileSync(`policies/${name}.yaml`, "utf8");
    const head = yaml.slice(0, yaml.indexOf("\nversion:"));
    match(head, new RegExp(`^# ${name}: `));
    for (const part of ["# Assumes: ", "# Adapt: "]) equal(head.includes(part), true, `${name}: ${part}`);
    equal(lintPolicy(yaml).name, name);
    equal(/[^ -~…\n]/.test(yaml), false, `${name} has letters that a terminal may not have`);
  }
});
