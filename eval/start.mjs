// Installs the packed package into an empty project, as a user would, and lets eval/main.ts measure it there.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { build } from "esbuild";
import { inEmptyProject } from "../scripts/empty-project.mjs";
import { root } from "../scripts/root.mjs";

const [tarball, data, out] = process.argv.slice(2);
const folder = resolve(data || `${root}/eval/data`);
const results = resolve(out || `${root}/eval/results/${data ? basename(folder) : "own"}.json`);
mkdirSync(dirname(results), { recursive: true });

await inEmptyProject(tarball, async (project) => {
  await build({
    entryPoints: [`${root}/eval/main.ts`],
    outfile: `${project}/main.mjs`,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["@runesec/scanner"],
    logLevel: "warning",
  });
  const { status } = spawnSync(process.execPath, ["main.mjs", folder, results], { cwd: project, stdio: "inherit" });
  process.exitCode = status ?? 1;
});
