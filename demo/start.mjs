// Installs the packed package into an empty project, as a user would, and lets demo/show.ts use it there.
import { spawnSync } from "node:child_process";
import { build } from "esbuild";
import { inEmptyProject } from "../scripts/empty-project.mjs";
import { root } from "../scripts/root.mjs";

await inEmptyProject(process.argv[2], async (project) => {
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
});
