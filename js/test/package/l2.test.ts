import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { resultsInBrowser } from "./browser.js";
import { resultsInNext } from "./next.js";
import { aliasedNode } from "./node.js";
import { PROJECT, runInProject } from "./project.js";
import { startWorkerd } from "./workerd.js";

const AT_ONCE = {
  before: null,
  isAttackFound: true,
  honest: "pass",
  layersExecuted: ["l2"],
  failedOpen: null,
  fetchL2Model: "function",
};
const FETCHED = { ...AT_ONCE, before: "l2_loading", fetchedAtImport: 0, isProgressTold: true };

async function casesIn(program: string, argv: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await runInProject(program, argv);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

for (const node of ["node-20", "node-26"] as const) {
  test(`the model of L2 can be imported and required in ${node}`, async () => {
    deepEqual(await casesIn(aliasedNode(node), ["consumer-l2.mjs"]), AT_ONCE);
    deepEqual(await casesIn(aliasedNode(node), ["consumer-l2.cjs"]), AT_ONCE);
  });
}

test("Deno reads the model of L2 where it may read, and Bun does", async () => {
  const installed = (program: string): string => `${process.cwd()}/node_modules/.bin/${program}`;
  const deno = ["run", "--no-prompt", `--allow-read=${PROJECT}`, "consumer-l2.mjs"];
  deepEqual(await casesIn(installed("deno"), deno), AT_ONCE);
  deepEqual(await casesIn(installed("bun"), ["consumer-l2.mjs"]), AT_ONCE);
});

test("workerd has the model of L2 as a data module", async () => {
  const workerd = await startWorkerd("l2-workerd.capnp", ["http"]);
  try {
    deepEqual(await workerd.request("http", "/"), { ...AT_ONCE, isFoundByTheFirst: true });
  } finally {
    await workerd.stop();
  }
});

for (const page of ["/unbundled-l2", "/vite/l2.html", "/webpack-l2"]) {
  test(`Chromium fetches the model of L2 when it is first needed: ${page}`, async () => {
    deepEqual(await resultsInBrowser(page), FETCHED);
  });
}

test("Next has the model of L2 at once in its Node runtime, and fetches it in its edge runtime and its pages", async () => {
  deepEqual(await resultsInNext("/l2-node", false), AT_ONCE);
  deepEqual(await resultsInNext("/l2-edge", false), { ...AT_ONCE, before: "l2_loading" });
  deepEqual(await resultsInNext("/l2", true), { ...AT_ONCE, before: "l2_loading" });
});

test("a model that a bundler has left behind is missed with a word on what to do", async () => {
  const script = `
    import { cpSync, mkdirSync } from "node:fs";
    mkdirSync("moved");
    for (const file of ["l2.js", "errors.js"]) cpSync("node_modules/@runesec/scanner/dist/" + file, "moved/" + file);
    cpSync("node_modules/@runesec/scanner/package.json", "moved/package.json");
    await import(process.cwd() + "/moved/l2.js").catch((error) => console.log(error.name + ": " + error.message));`;
  const { stdout } = await runInProject(process.execPath, ["--input-type=module", "--eval", script]);
  const advice = "copy `@runesec/scanner/similarity.bin` there, or keep the package out of the bundle";
  equal(
    stdout,
    `L2UnavailableError: L2 scanner not available: ${PROJECT}/moved/similarity.bin cannot be read (ENOENT); ${advice}\n`,
  );
});
