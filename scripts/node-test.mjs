import { spawnSync } from "node:child_process";

/**
 * Runs test files with Node's own runner and ends this process as it ends.
 *
 * @param {string[]} files
 * @param {Record<string, string>} env
 */
export function runTests(files, env = {}) {
  const flags = ["--enable-source-maps", "--test", "--test-reporter=spec"];
  const { status } = spawnSync(process.execPath, [...flags, ...files], {
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  process.exitCode = status ?? 1;
}
