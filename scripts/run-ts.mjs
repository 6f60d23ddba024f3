// Runs a TypeScript program of this repository, since the oldest Node we support does not.
import { spawnSync } from "node:child_process";
import { basename } from "node:path";
import { build } from "esbuild";
import { root } from "./root.mjs";

const [program = "", ...argv] = process.argv.slice(2);
const outfile = `${root}/target/programs/${program.replaceAll("/", "-")}-${basename(program, ".ts")}.mjs`;
await build({
  entryPoints: [`${root}/${program}`],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  logLevel: "warning",
});
const { status } = spawnSync(process.execPath, ["--expose-gc", outfile, ...argv], { stdio: "inherit" });
process.exitCode = status ?? 1;
