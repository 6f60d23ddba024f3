/** A timer as platforms have it: a number, or an object in Node. */
type Timer = { unref?: () => void } | null;

/** What timers can count to; beyond it they ring at once. */
export const LONGEST_MS: number = 2 ** 31 - 1;

/** Calls back once. In Node a process may end before it. */
export function setIdleTimer(callback: () => void, afterMs: number): unknown {
  const timer = setTimeout(callback, Math.min(afterMs, LONGEST_MS)) as unknown as Timer;
  timer?.unref?.();
  return timer;
}

/** Keeps a timer from calling back. */
export function clearIdleTimer(timer: unknown): void {
  clearTimeout(timer as ReturnType<typeof setTimeout>);
}
