/** The few assertions the shared cases need, in a form that every runtime has. */

/** Fails unless both values are the same JSON. */
export function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`);
}

/** Fails unless a condition holds. */
export function holds(condition: boolean, sentence: string): void {
  if (!condition) throw new Error(`expected that ${sentence}`);
}

/** The error that a call throws; fails when it throws none. */
export function thrownBy(call: () => unknown): Error {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`expected an Error, got ${String(error)}`);
  }
  throw new Error(`expected an error, got ${JSON.stringify(value)}`);
}
