// A project outside the repository with nothing in it but the packed package, as a user would have it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Installs the package into an empty project, lets `work` use it, and removes the project.
 *
 * @param {string | undefined} tarball
 * @param {(project: string) => void | Promise<void>} work
 */
export async function inEmptyProject(tarball, work) {
  const project = mkdtempSync(join(tmpdir(), "runesec-project-"));
  try {
    writeFileSync(`${project}/package.json`, '{ "name": "consumer", "private": true }\n');
    // Offline: a package without dependencies needs nothing else.
    const install = ["install", "--offline", "--no-audit", "--no-fund", "--silent", resolve(tarball ?? "")];
    execFileSync("npm", install, { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
    await work(project);
  } finally {
    rmSync(project, { recursive: true });
  }
}
