/** What is used of the platform's `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What an attempt comes to when there is no answer. */
export interface NoAnswer<T> {
  /** It took longer than it may. */
  readonly tooLate: T;
  /** There was no connection, or it broke. */
  readonly failed: T;
}

/**
 * Makes one attempt at something. Never rejects, and ends after the time-out even if `work` does not.
 *
 * @param work is told by the signal that nobody waits for it any more
 */
export async function attempt<T>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  { tooLate, failed }: NoAnswer<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, tooLate);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } catch {
    return failed;
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
