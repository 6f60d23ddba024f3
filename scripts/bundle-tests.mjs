// Bundles test files, since the oldest Node we support does not run TypeScript.
import { readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";
import { root } from "./root.mjs";

/**
 * @param {string} folder is searched for `*.test.ts`, relative to the root
 * @param {string} outdir is emptied first, relative to the root
 * @param {import("esbuild").BuildOptions} options
 * @returns {Promise<string[]>} the bundles
 */
export async function bundleTests(folder, outdir, options = {}) {
  const entryPoints = readdirSync(`${root}/${folder}`, { recursive: true })
    .filter((file) => String(file).endsWith(".test.ts"))
    .map((file) => `${root}/${folder}/${file}`);
  if (entryPoints.length === 0) throw new Error(`no tests in ${folder}`);
  rmSync(`${root}/${outdir}`, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints,
    outdir: `${root}/${outdir}`,
    outExtension: { ".js": ".mjs" },
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: "inline",
    metafile: true,
    logLevel: "warning",
    ...options,
  });
  return Object.keys(metafile.outputs).map((file) => `${root}/${file}`);
}
