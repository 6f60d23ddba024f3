import { execFile } from "node:child_process";
import { existsSync } from "node:fs";

/** The project in which the packed package is installed. */
export const PROJECT: string = process.env["RUNE_TEST_PROJECT"] ?? "";
if (!existsSync(`${PROJECT}/node_modules/@runesec/scanner`))
  throw new Error("RUNE_TEST_PROJECT names no project with the package in it");

/** What a finished program left behind. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program inside the project. Its exit code is part of the answer, never an exception. */
export function runInProject(program: string, argv: readonly string[], input = ""): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const options = { cwd: PROJECT, env: environment(), maxBuffer: 1e8 };
    const child = execFile(program, [...argv], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === "number") resolve({ code, stdout, stderr });
      else reject(error);
    });
    child.stdin?.end(input);
  });
}

/** Without our variables, which would change what is tested, and without the runner's, which would change how. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("RUNE_") && !name.startsWith("NODE_"),
  );
  return { ...Object.fromEntries(entries), NO_COLOR: "1" };
}
