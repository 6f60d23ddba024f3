/** Keeps the work of a Worker going after its response. */
export type WaitUntil = (promise: Promise<unknown>) => void;

/**
 * Keeps a Worker going until the promise is settled.
 *
 * @param onMisuse told what is wrong when the function throws
 */
export function keepGoing(
  waitUntil: WaitUntil,
  promise: Promise<unknown>,
  onMisuse: (cause: "wait_until", message: string) => void,
): void {
  try {
    waitUntil(promise);
  } catch {
    onMisuse("wait_until", "`waitUntil` threw an error; pass it as `(promise) => ctx.waitUntil(promise)`");
  }
}
