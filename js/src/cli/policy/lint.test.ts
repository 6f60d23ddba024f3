import "../../../test/support/core.js";
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { lines, runWith } from "../../../test/support/files.js";

const GOOD = 'version: "1.0"\nname: good\nrules:\n- { name: a, scanner: jailbreak, action: block }\n';
const FILES = {
  "good.yaml": GOOD,
  "good.test.yaml": "cases:\n- { name: x, text: hello, expect: allow }\n",
  "bad/one.yaml":
    'version: "1.0"\nrules:\n- { name: a, scaner: jailbreak, action: block }\n- { name: b, scanner: jailbrake, action: deny }\n',
  "bad/two.yml":
    'version: "1.0"\nrules:\n- { name: a, type: tool_denylist, tools: [x], action: log, direction: output }\n',
  "bad/one.test.yaml": "cases:\n- { name: x, text: hello, expect: deny }\n",
  "bad/notes.md": "no policy",
  "empty/notes.md": "no policy",
  "same/1.yaml": GOOD,
  "same/2.yaml": GOOD,
  "odd.yaml": 'version: "1.0"\n"\\u001b[2J": 1\nrules: []\n',
};

test("lint has nothing to say about what is fine", async () => {
  deepEqual(await runWith(FILES, "policy", "lint", "good.yaml", "./good.test.yaml", "good.yaml"), {
    code: 0,
    stdout: "1 policy, 1 test file: 0 errors, 0 warnings\n",
    stderr: "",
  });
});

test("lint tells every error and warning of every file in a directory", async () => {
  deepEqual(await runWith(FILES, "policy", "lint", "bad"), {
    code: 1,
    stdout: lines(
      "bad/one.test.yaml:2:35: error: `deny` is not one of allow, log, alert, block",
      "bad/one.yaml:3:14: error: unknown key `scaner`; did you mean `scanner`?",
      "bad/one.yaml:4:42: error: `deny` is not one of log, alert, block",
      "bad/two.yml:3:3: warning[never_applies]: `a` is about calls of tools, which are input; it never applies",
      "2 policies, 1 test file: 3 errors, 1 warning",
    ),
    stderr: "",
  });
});

test("lint forgives warnings unless it is strict", async () => {
  equal((await runWith(FILES, "policy", "lint", "bad/two.yml")).code, 0);
  equal((await runWith(FILES, "policy", "lint", "--strict", "bad/two.yml")).code, 1);
  equal((await runWith(FILES, "policy", "lint", "--strict", "good.yaml")).code, 0);
});

test("lint finds names that are taken by another document", async () => {
  deepEqual(await runWith(FILES, "policy", "lint", "same"), {
    code: 1,
    stdout: lines(
      "same/2.yaml: error: document name `good` is taken by same/1.yaml",
      "2 policies: 1 error, 0 warnings",
    ),
    stderr: "",
  });
});

test("lint writes one JSON document", async () => {
  const { code, stdout } = await runWith(
    FILES,
    "policy",
    "lint",
    "--format=json",
    "bad/one.yaml",
    "bad/two.yml",
    "good.test.yaml",
  );
  equal(code, 1);
  deepEqual(JSON.parse(stdout), {
    errors: 2,
    warnings: 1,
    files: [
      {
        file: "bad/one.yaml",
        kind: "policy",
        name: null,
        problems: [
          {
            severity: "error",
            code: null,
            line: 3,
            column: 14,
            message: "unknown key `scaner`; did you mean `scanner`?",
          },
          { severity: "error", code: null, line: 4, column: 42, message: "`deny` is not one of log, alert, block" },
        ],
      },
      {
        file: "bad/two.yml",
        kind: "policy",
        name: null,
        problems: [
          {
            severity: "warning",
            code: "never_applies",
            line: 3,
            column: 3,
            message: "`a` is about calls of tools, which are input; it never applies",
          },
        ],
      },
      { file: "good.test.yaml", kind: "cases", name: null, problems: [] },
    ],
  });
});

test("lint goes on after what it cannot read, and says so by its exit code", async () => {
  deepEqual(await runWith(FILES, "policy", "lint", "missing.yaml", "empty", "good.yaml"), {
    code: 2,
    stdout: "1 policy: 0 errors, 0 warnings\n",
    stderr: lines(
      "policy lint: cannot read `missing.yaml`: no such file",
      "policy lint: `empty` holds no `.yaml` or `.yml` file",
    ),
  });
});

test("what a terminal would obey stays in the file", async () => {
  for (const format of ["text", "json"]) {
    const { code, stdout } = await runWith(FILES, "policy", "lint", "--format", format, "odd.yaml");
    equal(code, 1);
    ok(!stdout.includes("\u001b"), stdout);
    ok(stdout.includes("unknown key"), stdout);
  }
});

test("mistakes are told word for word", async () => {
  for (const [argv, message] of [
    [[], "no file or directory given"],
    [["--strct", "x"], "unknown option `--strct`, did you mean `--strict`?"],
    [["--strict=1", "x"], "option `--strict` takes no value"],
    [["--format", "sarif", "x"], "option `--format` must be `text` or `json`, got `sarif`"],
  ] as const) {
    const told = { code: 2, stdout: "", stderr: `policy lint: ${message}\n` };
    deepEqual(await runWith(FILES, "policy", "lint", ...argv), told);
  }
});
