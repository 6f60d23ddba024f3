import "../../../test/support/core.js";
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { lines, runWith } from "../../../test/support/files.js";

const HEAD = 'version: "1.0"\nname: prod\nrules:\n';
const FILES = {
  "old.yaml": `${HEAD}- { name: tools, type: tool_allowlist, tools: [search, mail], action: block }\n- { name: watch, scanner: tool_call, action: log }\n`,
  "new/prod.yaml": `${HEAD}- { name: tools, type: tool_allowlist, tools: [search, shell], action: block }\n- { name: watch, scanner: tool_call, action: alert }\n`,
  "new/prod.test.yaml": "cases: []\n",
  "more.yaml": `${HEAD}- { name: watch, scanner: tool_call, action: log }\n- { name: tools, type: tool_allowlist, tools: [mail, search], action: block }\n`,
  "a.test.yaml": `policies: [not-read.yaml]
cases:
- { name: mail, action: mail, expect: log }
- { name: shell, action: shell, expect: block }
- { name: other, action: other, expect: block }
- { name: text, text: hello, expect: allow }
`,
  "b.test.yaml": "cases:\n- { name: again, action: mail, expect: allow }\n",
  "empty/x.yaml": 'version: "1.0"\nrules: []\n',
};

test("diff tells which cases come out differently", async () => {
  deepEqual(await runWith(FILES, "policy", "diff", "old.yaml", "new", "--cases", "a.test.yaml,b.test.yaml"), {
    code: 1,
    stdout: lines(
      "case                   old                                    new",
      "mail (a.test.yaml:3)   log by prod/watch                      block by prod/tools, prod/watch",
      "                                                              (alert)",
      "shell (a.test.yaml:4)  block by prod/tools, prod/watch (log)  alert by prod/watch",
      "other (a.test.yaml:5)  block by prod/tools, prod/watch (log)  block by prod/tools, prod/watch",
      "                                                              (alert)",
      "again (b.test.yaml:2)  log by prod/watch                      block by prod/tools, prod/watch",
      "                                                              (alert)",
      "",
      "5 cases, 4 changed",
    ),
    stderr: "",
  });
});

test("diff is content when nothing comes out differently, whatever the order of the rules", async () => {
  deepEqual(await runWith(FILES, "policy", "diff", "old.yaml", "more.yaml", "--cases=a.test.yaml"), {
    code: 0,
    stdout: "4 cases, 0 changed\n",
    stderr: "",
  });
});

test("diff writes one JSON document", async () => {
  const argv = ["policy", "diff", "old.yaml", "empty", "--cases=b.test.yaml", "--format=json"];
  const { code, stdout } = await runWith(FILES, ...argv);
  equal(code, 1);
  deepEqual(JSON.parse(stdout), {
    cases: 1,
    changed: 1,
    changes: [
      {
        file: "b.test.yaml",
        line: 2,
        name: "again",
        old: {
          action: "log",
          failedOpen: null,
          violations: [
            {
              policy: "prod",
              rule: "watch",
              kind: "tool_call",
              action: "log",
              severity: "medium",
              message: "a tool is called",
            },
          ],
        },
        new: { action: "allow", failedOpen: null, violations: [] },
      },
    ],
  });
});

test("mistakes are told word for word", async () => {
  for (const [argv, message] of [
    [["old.yaml"], "expected the old and the new policies, two files or directories, got 1"],
    [["old.yaml", "new", "old.yaml"], "expected the old and the new policies, two files or directories, got 3"],
    [["old.yaml", "new"], "option `--cases` is missing: the files of cases to compare by"],
    [["old.yaml", "new", "--cases", "x.test.yaml"], "cannot read `x.test.yaml`: no such file"],
    [["old.yaml", "new", "--cases", "empty"], "`empty` holds no `*.test.yaml` file"],
    [["old.yaml", "missing", "--cases", "a.test.yaml"], "cannot read `missing`: no such file"],
    [["old.yaml", "new", "--case", "x"], "unknown option `--case`, did you mean `--cases`?"],
  ] as const) {
    deepEqual(await runWith(FILES, "policy", "diff", ...argv), {
      code: 2,
      stdout: "",
      stderr: `policy diff: ${message}\n`,
    });
  }
});
