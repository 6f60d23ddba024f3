import { CASES, type Case, type Package } from "./cases.js";

/** What became of one case; `error` is null when it passed. */
export interface CaseResult {
  readonly name: string;
  readonly error: string | null;
}

/** The names of all cases, in the order in which they run. */
export const CASE_NAMES: readonly string[] = CASES.map(({ name }) => name);

/** Runs every case against the package as this runtime has imported it. */
export async function runCases(scanner: Package): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const { name, run } of CASES) results.push({ name, error: await errorOf(run, scanner) });
  return results;
}

async function errorOf(run: Case["run"], scanner: Package): Promise<string | null> {
  try {
    await run(new scanner.Shield({ onWarning: () => {} }), scanner);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
