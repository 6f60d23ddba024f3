// Installs the packed package into an empty project and measures it there, beside what bench/package.json names.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { inEmptyProject } from "../scripts/empty-project.mjs";
import { root } from "../scripts/root.mjs";

await inEmptyProject(process.argv[2], (project) => {
  for (const file of readdirSync(`${root}/bench`)) cpSync(`${root}/bench/${file}`, `${project}/${file}`);
  const patterns = `${root}/target/patterns.json`;
  if (!existsSync(patterns)) throw new Error("target/patterns.json is missing: `make bench` writes it");
  const install = ["install", "--no-save", "--no-audit", "--no-fund", "--silent", resolve(process.argv[2] ?? "")];
  execFileSync("npm", install, { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
  // cedar-wasm makes the V8 of Node 20 abort ("unreachable code" in its deoptimizer).
  const newestNode = `${root}/node_modules/node-26/bin/node`;
  for (const [node, script, ...argv] of [
    [process.execPath, "latency.mjs", patterns],
    [process.execPath, "similarity.mjs"],
    [process.execPath, "cold-start.mjs", root],
    [process.execPath, "protect.mjs"],
    [process.execPath, "stream.mjs"],
    [newestNode, "policy.mjs"],
  ]) {
    const { status } = spawnSync(node, [script, ...argv], { cwd: project, stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  }
});
