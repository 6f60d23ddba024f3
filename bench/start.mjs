// Installs the packed package into an empty project and measures it there.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { inEmptyProject } from "../scripts/empty-project.mjs";
import { root } from "../scripts/root.mjs";

await inEmptyProject(process.argv[2], (project) => {
  for (const file of readdirSync(`${root}/bench`)) cpSync(`${root}/bench/${file}`, `${project}/${file}`);
  const patterns = `${root}/target/patterns.json`;
  if (!existsSync(patterns)) throw new Error("target/patterns.json is missing: `make bench` writes it");
  for (const [script, ...argv] of [
    ["latency.mjs", patterns],
    ["cold-start.mjs", root],
  ]) {
    const { status } = spawnSync(process.execPath, [script, ...argv], { cwd: project, stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  }
});
