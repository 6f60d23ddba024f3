// Shrinks the wasm with binaryen. The result is kept by content, so that an unchanged core is not optimised again.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { root } from "./root.mjs";

const FLAGS = [
  "-O3",
  // What is called once stays apart: a runtime compiles functions as they are called, and most texts call few.
  "--one-caller-inline-max-function-size=0",
  // It splits one table into hundreds of segments; the zeros between them compress better than that.
  "--skip-pass=memory-packing",
  "--enable-bulk-memory",
  "--enable-bulk-memory-opt",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
  "--enable-simd",
  "--enable-multivalue",
  "--strip-debug",
  "--strip-producers",
  "--strip-target-features",
];

/** @param {string} input path of a wasm file; returns the path of the optimised one */
export function optimise(input) {
  const key = createHash("sha256").update(FLAGS.join(" ")).update(readFileSync(input)).digest("hex").slice(0, 32);
  const folder = `${root}/target/wasm-opt`;
  const output = `${folder}/${key}.wasm`;
  if (existsSync(output)) return output;
  mkdirSync(folder, { recursive: true });
  // Written elsewhere and moved, so that an interrupted run leaves no half file under the final name.
  const unfinished = `${output}.${process.pid}`;
  execFileSync(process.execPath, [`${root}/node_modules/binaryen/bin/wasm-opt`, input, "-o", unfinished, ...FLAGS], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  renameSync(unfinished, output);
  return output;
}
