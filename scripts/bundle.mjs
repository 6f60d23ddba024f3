// Bundles js/src into the files that the package holds.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";
import { CJS, ESM } from "./entry-points.mjs";
import { root } from "./root.mjs";

const SRC = `${root}/js/src`;

/**
 * Files of their own, shared by all entry points: whoever imports `./slim` and whoever imports `.` in one program use
 * one core (the engine is its slot), one Shield and one set of error classes.
 */
const SHARED = ["errors", "engine", "index"];

const COMMON = {
  bundle: true,
  target: "es2022",
  platform: "neutral",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  minifySyntax: true,
  minifyWhitespace: true,
};

/**
 * @param {string} wasm path of the optimised wasm
 * @param {string} dist folder to fill
 */
export async function bundle(wasm, dist) {
  for (const [format, outdir, entryPoints] of [
    ["esm", dist, ESM],
    ["cjs", `${dist}/cjs`, CJS],
  ]) {
    const options = { ...COMMON, format, outdir, plugins: [sharedFiles(), wasmFile(wasm)] };
    await build({ ...options, entryPoints: SHARED.map((name) => `${SRC}/${name}.ts`) });
    await build({ ...options, entryPoints: entryPoints.map((name) => `${SRC}/entrypoints/${name}.ts`) });
  }
  await build({
    ...COMMON,
    format: "esm",
    platform: "node",
    outfile: `${dist}/cli.js`,
    entryPoints: [`${SRC}/cli/main.ts`],
    external: ["@runesec/scanner"],
  });
}

/** Leaves the imports of shared files in place, but as seen from the folder in which all bundles lie. */
function sharedFiles() {
  return {
    name: "shared-files",
    setup({ onResolve }) {
      const filter = new RegExp(`/(${SHARED.join("|")})\\.js$`);
      onResolve({ filter }, ({ path }) => ({ path: `./${basename(path)}`, external: true }));
    },
  };
}

/** `?base64` puts the wasm into the bundle; the other two forms are left to the runtime that compiles it. */
function wasmFile(wasm) {
  return {
    name: "wasm-file",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.(wasm(\?module)?|bin)$/ }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /\.wasm\?base64$/ }, () => ({ path: wasm, namespace: "base64" }));
      onLoad({ filter: /.*/, namespace: "base64" }, () => ({ contents: readFileSync(wasm), loader: "base64" }));
    },
  };
}
