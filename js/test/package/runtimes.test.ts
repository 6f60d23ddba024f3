import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { CASE_NAMES, type CaseResult } from "../shared/run.js";
import { casesInBrowser } from "./browser.js";
import { aliasedNode, casesInNode } from "./node.js";
import { casesInWorkerd } from "./workerd.js";

const RUNTIMES: Readonly<Record<string, () => Promise<CaseResult[]>>> = {
  "Node 20, import": () => casesInNode(aliasedNode("node-20"), ["consumer-esm.mjs"]),
  "Node 20, require": () => casesInNode(aliasedNode("node-20"), ["consumer-cjs.cjs"]),
  "Node 26, import": () => casesInNode(aliasedNode("node-26"), ["consumer-esm.mjs"]),
  "Node 26, require": () => casesInNode(aliasedNode("node-26"), ["consumer-cjs.cjs"]),
  "the edge-light entry point, its wasm from another realm": () =>
    casesInNode(aliasedNode("node-20"), ["--conditions=edge-light", "consumer-edge.mjs"]),
  workerd: casesInWorkerd,
  Chromium: casesInBrowser,
};

for (const [name, run] of Object.entries(RUNTIMES)) {
  test(name, async (t) => {
    const results = await run();
    deepEqual(
      results.map((result) => result.name),
      CASE_NAMES,
    );
    for (const result of results) {
      await t.test(result.name, () => {
        if (result.error !== null) throw new Error(result.error);
      });
    }
  });
}
