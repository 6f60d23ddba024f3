import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { exampleOf } from "./example.js";
import { aliasedNode } from "./node.js";
import { runInProject } from "./project.js";

const DENIED = JSON.stringify({
  denied: true,
  reason: "prompt_injection",
  message: "prompt_injection in the result of the call",
  retryable: false,
  retryAfterMs: null,
});

for (const example of ["openai-agents.mjs", "langchain.mjs"]) {
  test(`the agent of examples/${example} reads a page, not what attacks`, async () => {
    const argv = [exampleOf(example), "parcel", "trap"];
    const { code, stdout, stderr } = await runInProject(aliasedNode("node-26"), argv);
    deepEqual([code, stderr, stdout.split("\n")], [0, "", ["It is in Kassel.", DENIED, ""]]);
  });
}
