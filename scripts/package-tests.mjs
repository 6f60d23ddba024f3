// Installs the packed package into an empty project and runs js/test/package against it.
import { cpSync } from "node:fs";
import { build } from "esbuild";
import { bundleWithNext, bundleWithVite, bundleWithWebpack } from "./bundle-consumers.mjs";
import { bundleTests } from "./bundle-tests.mjs";
import { inEmptyProject } from "./empty-project.mjs";
import { runTests } from "./node-test.mjs";
import { root } from "./root.mjs";

await inEmptyProject(process.argv[2], async (project) => {
  await placeConsumers(project);
  const files = await bundleTests("js/test/package", "target/package-tests");
  runTests(files, { RUNE_TEST_PROJECT: project });
});

async function placeConsumers(project) {
  const sources = `${root}/js/test/package`;
  for (const file of [
    "consumer-esm.mjs",
    "consumer-cjs.cjs",
    "consumer-slim.mjs",
    "consumer-browser.mjs",
    "consumer-worker-browser.mjs",
    "consumer-start-worker.mjs",
    "consumer-workerd.mjs",
    "workerd.capnp",
    "consumer-l2-cases.mjs",
    "consumer-l2.mjs",
    "consumer-l2.cjs",
    "consumer-l2-browser.mjs",
    "consumer-l2-workerd.mjs",
    "l2-workerd.capnp",
    "consumer-rate-limits-workerd.mjs",
    "rate-limits-workerd.capnp",
    "consumer-redis.mjs",
    "consumer-events-node.mjs",
    "consumer-events-workerd.mjs",
    "events-workerd.capnp",
    "guarded-workerd.capnp",
    "consumer-sync-workerd.mjs",
    "sync-workerd.capnp",
    "consumer-events-browser.mjs",
    "consumer-judge-workerd.mjs",
    "fake-workers-ai.mjs",
    "judge-workerd.capnp",
  ]) {
    cpSync(`${sources}/${file}`, `${project}/${file}`);
  }
  for (const file of ["worker.mjs", "hono.mjs"]) cpSync(`${root}/examples/${file}`, `${project}/${file}`);
  const common = { bundle: true, format: "esm", logLevel: "warning" };
  await build({ ...common, entryPoints: [`${root}/js/test/shared/run.ts`], outfile: `${project}/cases.mjs` });
  // As Vite and wrangler would do it: the exports map decides, and wasm stays a file.
  await build({
    ...common,
    absWorkingDir: project,
    entryPoints: {
      bundle: "consumer-browser.mjs",
      events: "consumer-events-browser.mjs",
      "in-worker": "consumer-worker-browser.mjs",
      "start-worker": "consumer-start-worker.mjs",
    },
    outdir: "web",
    conditions: ["browser"],
  });
  await build({
    ...common,
    absWorkingDir: project,
    entryPoints: {
      worker: "consumer-workerd.mjs",
      "l2-worker": "consumer-l2-workerd.mjs",
      "rate-limits-worker": "consumer-rate-limits-workerd.mjs",
      "events-worker": "consumer-events-workerd.mjs",
      "sync-worker": "consumer-sync-workerd.mjs",
      "judge-worker": "consumer-judge-workerd.mjs",
      "guarded-worker": "worker.mjs",
      "guarded-hono": "hono.mjs",
    },
    // Frameworks are not installed in the project; they are found here.
    nodePaths: [`${root}/node_modules`],
    external: ["cloudflare:workers"],
    outdir: ".",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy", ".bin": "copy" },
    assetNames: "[name]",
  });
  // As Vercel does it: `?module` is a compiled module that the runtime provides.
  await build({
    ...common,
    format: "iife",
    absWorkingDir: project,
    entryPoints: { edge: "consumer-browser.mjs" },
    outdir: ".",
    conditions: ["edge-light"],
    plugins: [{ name: "provided-wasm", setup: provideWasm }],
  });
  await bundleWithVite(project, { index: "consumer-browser.mjs", l2: "consumer-l2-browser.mjs" });
  await bundleWithWebpack(project, { main: "consumer-browser.mjs", l2: "consumer-l2-browser.mjs" });
  // An app with routes in each of Next's runtimes, and pages that run in the browser.
  cpSync(`${sources}/next`, `${project}/next`, { recursive: true });
  for (const file of ["cases.mjs", "consumer-l2-cases.mjs"]) cpSync(`${project}/${file}`, `${project}/next/${file}`);
  bundleWithNext(`${project}/next`, process.argv[2]);
}

function provideWasm({ onResolve, onLoad }) {
  onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "provided" }));
  onLoad({ filter: /.*/, namespace: "provided" }, () => ({ contents: "export default globalThis.scannerWasm;" }));
}
