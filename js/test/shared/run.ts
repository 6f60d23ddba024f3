import { CASES, type Case, type Package } from "./cases.js";

/** What became of one case; `error` is null when it passed. */
export interface CaseResult {
  readonly name: string;
  readonly error: string | null;
}

/** The names of all cases, in the order in which they run. */
export const CASE_NAMES: readonly string[] = CASES.map(({ name }) => name);

/** Runs every case against the package as this runtime has imported it. */
export function runCases(scanner: Package): CaseResult[] {
  return CASES.map(({ name, run }) => ({ name, error: errorOf(run, scanner) }));
}

function errorOf(run: Case["run"], scanner: Package): string | null {
  try {
    run(new scanner.Shield({ onWarning: () => {} }), scanner);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
