import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { CASE_NAMES, type CaseResult } from "../shared/run.js";
import { casesInBrowser } from "./browser.js";
import { casesInNext } from "./next.js";
import { aliasedNode, casesIn } from "./node.js";
import { casesInWorkerd } from "./workerd.js";

const EDGE_VM = `${process.cwd()}/js/test/package/edge-vm.mjs`;
const RUNTIMES: Readonly<Record<string, () => Promise<CaseResult[]>>> = {
  "Node 20, import": () => casesIn(aliasedNode("node-20"), ["consumer-esm.mjs"]),
  "Node 20, require": () => casesIn(aliasedNode("node-20"), ["consumer-cjs.cjs"]),
  "Node 26, import": () => casesIn(aliasedNode("node-26"), ["consumer-esm.mjs"]),
  "Node 26, require": () => casesIn(aliasedNode("node-26"), ["consumer-cjs.cjs"]),
  "Vercel's edge runtime, on Node 20": () => casesIn(aliasedNode("node-20"), [EDGE_VM]),
  "Vercel's edge runtime, on Node 26": () => casesIn(aliasedNode("node-26"), [EDGE_VM]),
  workerd: casesInWorkerd,
  "Deno, with no permissions": () => casesIn(installed("deno"), ["run", "--no-prompt", "consumer-esm.mjs"]),
  Bun: () => casesIn(installed("bun"), ["consumer-esm.mjs"]),
  "Bun, require": () => casesIn(installed("bun"), ["consumer-cjs.cjs"]),
  "Chromium, a bundle of esbuild's under a strict Content-Security-Policy": () => casesInBrowser("/bundle"),
  "Chromium, no bundler": () => casesInBrowser("/unbundled"),
  "Chromium, in a web worker": () => casesInBrowser("/worker"),
  "Chromium, built by Vite": () => casesInBrowser("/vite/index.html"),
  "Chromium, built by webpack": () => casesInBrowser("/webpack"),
  "Chromium, a page of Next's": () => casesInNext("/"),
  "Next, Node runtime": () => casesInNext("/node"),
  "Next, edge runtime": () => casesInNext("/edge"),
};

function installed(program: "deno" | "bun"): string {
  return `${process.cwd()}/node_modules/.bin/${program}`;
}

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

test("a page whose Content-Security-Policy forbids WebAssembly is told so", async () => {
  const [result] = await casesInBrowser("/without-wasm", false);
  equal(
    result?.error?.split("\n")[0],
    "RuneError: the runtime refused the wasm: the page's Content-Security-Policy needs `'wasm-unsafe-eval'` in its `script-src`",
  );
});
