// Makes sure that a program for the tests is there: Debian's, since nothing is downloaded from elsewhere.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * Installs a Debian package if a program is missing, or says how to and ends the process.
 *
 * @param {{ program: string, package: string, purpose: string, variable: string }} wanted the variable names another program
 */
export function ensureProgram({ program, package: name, purpose, variable }) {
  const path = process.env[variable] ?? program;
  if (existsSync(path)) return;
  if (process.getuid?.() !== 0) {
    console.error(
      `${path} is missing: install it (\`apt-get install ${name}\`) or name another in the variable ${variable}`,
    );
    process.exit(1);
  }
  console.log(`installing ${name} for the ${purpose} tests`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("apt-get", ["update", "-qq"], options);
  execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", name], options);
}
