import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./project.js";

/**
 * Where examples find the frameworks that are installed here, and the packed package. Each file of tests has a folder of its
 * own, since they run side by side.
 */
const FOLDER = `${process.cwd()}/target/examples/${process.pid}`;
const SCOPE = join(FOLDER, "node_modules/@runesec");
process.once("exit", () => rmSync(FOLDER, { recursive: true, force: true }));

/** The path of a copy of an example that can be run. */
export function exampleOf(file: string): string {
  rmSync(SCOPE, { recursive: true, force: true });
  mkdirSync(SCOPE, { recursive: true });
  symlinkSync(`${PROJECT}/node_modules/@runesec/scanner`, `${SCOPE}/scanner`);
  cpSync(`${process.cwd()}/examples/${file}`, `${FOLDER}/${file}`);
  return `${FOLDER}/${file}`;
}
