// Prints how big the package is, and what applications ship with it, and fails when something has outgrown its limit in sizes.json (bytes).
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { root } from "./root.mjs";
import { shippedOf } from "./shipped.mjs";

const tarball = process.argv[2] ?? "";
const limits = JSON.parse(readFileSync(`${root}/scripts/sizes.json`, "utf8"));

/** A file as it lies in the tarball. */
const packed = (file) => execFileSync("tar", ["-xzOf", tarball, `package/${file}`], { maxBuffer: 1e8 });

const contents = {
  "dist/scanner.wasm": packed("dist/scanner.wasm"),
  "dist/similarity.bin": packed("dist/similarity.bin"),
  "import (inline, index, engine, errors)": Buffer.concat(
    ["inline", "index", "engine", "errors"].map((name) => packed(`dist/${name}.js`)),
  ),
  // The free plan of Cloudflare Workers takes 3 MB, compressed.
  "a Worker with L2, all in": Buffer.concat(
    ["workerd.js", "index.js", "engine.js", "errors.js", "l2-workerd.js", "scanner.wasm", "similarity.bin"].map(
      (name) => packed(`dist/${name}`),
    ),
  ),
  tarball: readFileSync(tarball),
  ...(await shippedOf(tarball)),
};

let hasOutgrown = false;
console.log(row("bytes", "raw", "gzip", "brotli", "limit"));
for (const [name, content] of Object.entries(contents)) {
  const sizes = {
    raw: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
    brotli: brotliCompressSync(content).length,
  };
  const [[measure, limit]] = Object.entries(limits[name]);
  const isOver = sizes[measure] > limit;
  hasOutgrown ||= isOver;
  console.log(row(name, sizes.raw, sizes.gzip, sizes.brotli, `${isOver ? "OVER " : ""}${limit} ${measure}`));
}
if (hasOutgrown) {
  console.error("the package has outgrown a limit in scripts/sizes.json");
  process.exitCode = 1;
}

function row(name, ...columns) {
  return String(name).padEnd(40) + columns.map((column) => String(column).padStart(16)).join("");
}
