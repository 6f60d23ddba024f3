// Installs the packed package into an empty project, as a user would, and lets demo/show.ts use it there.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { root } from "../scripts/root.mjs";

const tarball = resolve(process.argv[2] ?? "");
const project = mkdtempSync(join(tmpdir(), "runesec-demo-"));
try {
  writeFileSync(`${project}/package.json`, '{ "name": "demo", "private": true }\n');
  const install = ["install", "--offline", "--no-audit", "--no-fund", "--silent", tarball];
  execFileSync("npm", install, { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
  await build({
    entryPoints: [`${root}/demo/show.ts`],
    outfile: `${project}/show.mjs`,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["@runesec/scanner"],
    logLevel: "warning",
  });
  process.exitCode = spawnSync(process.execPath, ["show.mjs"], { cwd: project, stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(project, { recursive: true });
}
