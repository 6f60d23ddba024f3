// Installs the packed package into an empty project and measures it there.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { root } from "../scripts/root.mjs";

const tarball = resolve(process.argv[2] ?? "");
const project = mkdtempSync(join(tmpdir(), "runesec-bench-"));
try {
  for (const file of readdirSync(`${root}/bench`))
    cpSync(`${root}/bench/${file}`, `${project}/${file}`, { recursive: true });
  const install = ["install", "--offline", "--no-save", "--no-audit", "--no-fund", "--silent", tarball];
  execFileSync("npm", install, { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
  const patterns = `${root}/target/patterns.json`;
  if (!existsSync(patterns)) throw new Error("target/patterns.json is missing: `make bench` writes it");
  for (const [script, ...argv] of [
    ["latency.mjs", patterns],
    ["cold-start.mjs", root],
  ]) {
    const { status } = spawnSync(process.execPath, [script, ...argv], { cwd: project, stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  }
} finally {
  rmSync(project, { recursive: true });
}
