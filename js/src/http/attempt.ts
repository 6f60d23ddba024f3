import { LONGEST_MS } from "./timer.js";

/** What is used of the platform's `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The `fetch` that was given, or the platform's as it is when it is called: hosts replace it. */
export function fetchOf(given: Fetch | null): Fetch {
  return given ?? ((url, init) => globalThis.fetch(url, init));
}

/** What an attempt comes to when there is no answer. */
export interface NoAnswer<T> {
  /** It took longer than it may. */
  readonly tooLate: T;
  /** There was no connection, or it broke, or the attempt was cancelled. */
  readonly failed: T;
}

/**
 * Makes one attempt at something. Never rejects, and ends after the time-out even if `work` does not.
 *
 * @param work is told by the signal that nobody waits for it any more
 * @param cancelled ends the attempt before
 */
export async function attempt<T>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  { tooLate, failed }: NoAnswer<T>,
  cancelled?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let cancel = (): void => {};
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, Math.min(timeoutMs, LONGEST_MS), tooLate);
    cancel = () => resolve(failed);
  });
  cancelled?.addEventListener("abort", cancel);
  try {
    return await Promise.race([work(controller.signal), late]);
  } catch {
    return failed;
  } finally {
    clearTimeout(timer);
    cancelled?.removeEventListener("abort", cancel);
    controller.abort();
  }
}
