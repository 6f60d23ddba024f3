import { existsSync } from "node:fs";
import type { CaseResult } from "../shared/run.js";
import { runInProject } from "./project.js";

/** A Node that was installed under this name as a development dependency. */
export function aliasedNode(name: "node-20" | "node-26"): string {
  const path = `${process.cwd()}/node_modules/${name}/bin/node`;
  if (!existsSync(path)) throw new Error(`\`${name}\` is not installed; it exists for Linux on x64 only`);
  return path;
}

/** Runs a consumer that prints the results of all cases. */
export async function casesIn(program: string, argv: readonly string[]): Promise<CaseResult[]> {
  const { code, stdout, stderr } = await runInProject(program, argv);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout) as CaseResult[];
}
