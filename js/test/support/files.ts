import { posix } from "node:path";
import { run } from "../../src/cli/run.js";

/** What a command left behind. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in a world that consists of these files, by their paths. */
export function runWith(files: Readonly<Record<string, string>>, ...argv: readonly string[]): Promise<Ran> {
  return runOnTerminal(files, false, ...argv);
}

/** The same on a terminal that has colours or not. */
export async function runOnTerminal(
  files: Readonly<Record<string, string>>,
  hasColour: boolean,
  ...argv: readonly string[]
): Promise<Ran> {
  const written = { stdout: [] as string[], stderr: [] as string[] };
  const failure = (code: string): Promise<never> => Promise.reject(Object.assign(new Error("raw"), { code }));
  const namesIn = (path: string): string[] => {
    const prefix = path === "." ? "" : `${path}/`;
    const inside = Object.keys(files).filter((file) => file.startsWith(prefix));
    return [...new Set(inside.map((file) => file.slice(prefix.length).replace(/\/.*/, "")))].reverse();
  };
  const code = await run(
    argv,
    {
      readFile: async (path) => files[posix.normalize(path)] ?? failure(namesIn(path).length > 0 ? "EISDIR" : "ENOENT"),
      readDirectory: async (path) => {
        if (files[posix.normalize(path)] !== undefined) return failure("ENOTDIR");
        return namesIn(path).length > 0 ? namesIn(path) : failure("ENOENT");
      },
      readTree: async () => failure("ENOTDIR"),
      readStdin: async () => "",
      stdout: (text) => void written.stdout.push(text),
      stderr: (text) => void written.stderr.push(text),
      hasColour,
      isWatched: false,
    },
    "1.2.3",
  );
  return { code, stdout: written.stdout.join(""), stderr: written.stderr.join("") };
}

/** Lines as a command writes them. */
export function lines(...each: readonly string[]): string {
  return each.map((line) => `${line}\n`).join("");
}
