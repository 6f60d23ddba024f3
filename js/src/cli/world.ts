import { RuneError } from "@runesec/scanner";
import { printable } from "./excerpt.js";

/** What a command sees of the outside. `main` makes the real one; tests make their own. */
export interface World {
  /** The bytes of a file as UTF-8 text, whatever its name. */
  readFile(path: string): Promise<string>;
  /** The names of what is in a directory, in any order; fails with `ENOTDIR` when it is a file. */
  readDirectory(path: string): Promise<readonly string[]>;
  /**
   * The paths of the files in a directory and in those below it, in the order of their names, without links, what is hidden, and
   * `node_modules`; fails with `ENOTDIR` when it is a file.
   */
  readTree(path: string): Promise<readonly string[]>;
  readStdin(): Promise<string>;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether stdout shows colours. */
  readonly hasColour: boolean;
  /** Whether somebody watches stderr. */
  readonly isWatched: boolean;
}

/**
 * Exit codes: nothing to complain about; something is blocked, wrong or changed; the command could not do its work.
 */
export const EXIT = { clean: 0, blocked: 1, failed: 2 } as const;

/** Columns that reports may have. */
export const WIDTH = 100;

/** What goes wrong for a reason that the user can mend; the message is all that is shown. */
export class UsageError extends Error {}

/** Reads a file, or standard input when its name is `-`. */
export async function readSource(world: World, path: string): Promise<string> {
  if (path === "-") return world.readStdin();
  try {
    return await world.readFile(path);
  } catch (error) {
    throw new UsageError(`cannot read \`${path}\`: ${reasonOf(error)}`);
  }
}

/** Does a part of the work. If the user's files are to blame that it fails, it is told and the others go on. */
export async function attempt<T>(world: World, command: string, work: () => T | Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsageError) && !RuneError.isInstance(error)) throw error;
    world.stderr(`${command}: ${printable(error.message)}\n`);
    return null;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
  ENOTDIR: "part of its path is a file",
};

/** Why the file system refused, in words. */
export function reasonOf(error: unknown): string {
  const { code = "unknown error", message } = error as { code?: string; message?: string };
  return REASONS[code] ?? message ?? code;
}
