import "../../../test/support/core.js";
import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { lintPolicy, readPolicyCases } from "@runesec/scanner";
import { runWith } from "../../../test/support/files.js";

/** The code blocks of a page in a language. */
function blocks(page: string, language: string): string[] {
  const found = readFileSync(page, "utf8").matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"));
  return [...found].map(([, block = ""]) => block);
}

/** A command line as words, of which those in quotes may hold blanks. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

test("what the README shows of the policy commands is what they print", async () => {
  const [policy = "", cases = ""] = blocks("README.md", "yaml").filter((block) => block.startsWith("# support."));
  const files = {
    "support.yaml": policy,
    "support.test.yaml": cases,
    "typo.yaml": policy.replace("tools: [refund]", "tool: [refund]"),
    "next.yaml": policy.replace("max: 100,", "max: 1000,"),
  };
  const shown = blocks("README.md", "console")
    .join("")
    .split(/^\$ npx @runesec\/scanner /m)
    .slice(1);
  equal(shown.length, 4);
  for (const each of shown) {
    const [command = "", ...output] = each.split("\n");
    const { stdout, stderr } = await runWith(files, ...words(command));
    deepEqual([stdout, stderr], [output.join("\n"), ""], command);
    ok(output.every((line) => line.length <= 100));
  }
});

test("every example in the reference can be used, and no warning can be said about it", () => {
  const examples = blocks("docs/policies.md", "yaml");
  ok(examples.length >= 8);
  for (const example of examples) {
    if (example.startsWith("cases:")) readPolicyCases(example);
    else deepEqual(lintPolicy(example.startsWith("version:") ? example : asDocument(example)).warnings, [], example);
  }
});

function asDocument(rules: string): string {
  return `version: "1.0"\nrules:\n${rules}`;
}

test("the reference names every key, kind and warning that the core knows", () => {
  const page = readFileSync("docs/policies.md", "utf8");
  for (const file of readdirSync("src/policy").filter((name) =>
    ["document.rs", "cases.rs", "lint.rs"].includes(name),
  )) {
    const [code = ""] = readFileSync(`src/policy/${file}`, "utf8").split("#[cfg(test)]");
    for (const [, word = ""] of code.matchAll(/"([a-z]+(?:_[a-z]+)*)"/g)) {
      ok(page.includes(`\`${word}\``) || NO_WORDS.includes(word), `${file}: \`${word}\``);
    }
  }
});

/** What only JavaScript is told. */
const NO_WORDS = ["line", "call"];

test("what the reference says about what is absent, empty or without an id is so", async () => {
  const rules = `
- { name: any, scanner: tool_call, action: log, match: { agent_id: "*" } }
- { name: each, type: tool_arguments, tools: [list], arguments: { "items[*].sku": { required: true } }, action: block }
- { name: host, type: tool_arguments, tools: [fetch], arguments: { url: { domains: ["*.example.com"] } }, action: block }
- { name: five, type: tool_arguments, tools: [count], arguments: { n: { equals: 5, required: true } }, action: block }
- { name: flow, type: tool_flow, after: ["web.*"], deny: [web.post], action: block }
- { name: rate, type: rate_limit, tools: [ping], max_calls: 1, window_seconds: 60, per: session, action: alert }
`;
  const cases = `cases:
- { name: no agent, action: x, expect: allow }
- { name: some agent, agent: a, action: x, expect: log, rule: any }
- { name: an empty list, action: list, params: { items: [] }, expect: allow }
- { name: a member without it, action: list, params: { items: [{ sku: a }, {}] }, expect: block, rule: each }
- { name: nothing, action: list, expect: block, rule: each }
- { name: absent, action: fetch, expect: allow }
- { name: a subdomain, action: fetch, params: { url: "https://a.example.com/" }, expect: allow }
- { name: not the domain itself, action: fetch, params: { url: "https://example.com/" }, expect: block, rule: host }
- { name: a number, action: count, params: { n: 5 }, expect: allow }
- { name: a text that looks like it, action: count, params: { n: "5" }, expect: block, rule: five }
- { name: the first call of a source that is a sink, action: web.post, expect: allow }
- { name: the second, action: web.post, times: 2, expect: block, rule: flow }
- { name: calls without a session are counted together, action: ping, times: 2, expect: alert, rule: rate }
`;
  const files = { "a.yaml": asDocument(rules), "a.test.yaml": cases };
  const { code, stdout } = await runWith(files, "policy", "test", "a.yaml");
  deepEqual([code, stdout.includes("FAIL")], [0, false], stdout);
});
