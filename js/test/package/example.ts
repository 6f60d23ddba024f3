import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./project.js";

/** Where examples find the frameworks that are installed here, and the packed package. */
const FOLDER = `${process.cwd()}/target/examples`;

/** The path of a copy of an example that can be run. */
export function exampleOf(file: string): string {
  const scope = join(FOLDER, "node_modules/@runesec");
  rmSync(scope, { recursive: true, force: true });
  mkdirSync(scope, { recursive: true });
  symlinkSync(`${PROJECT}/node_modules/@runesec/scanner`, `${scope}/scanner`);
  cpSync(`${process.cwd()}/examples/${file}`, `${FOLDER}/${file}`);
  return `${FOLDER}/${file}`;
}
