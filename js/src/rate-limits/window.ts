/** What a window must know of a limit. */
export interface WindowSize {
  /** Calls, an integer of 1 or more. */
  readonly maxCalls: number;
  /** Milliseconds, more than 0. */
  readonly windowMs: number;
}

/** From how many forgotten calls on their room is given back: fewer are not worth moving the others for. */
const COMPACT_FROM = 16;

/**
 * The calls of one key, as far as they can still matter: those in the window, of them the newest `maxCalls`. What it
 * occupies grows with the calls that were really counted. Times are milliseconds and never decrease.
 */
export class CallWindow {
  // A queue: the calls before `#start` are forgotten. Nothing is reserved, since `maxCalls` may be a billion.
  #times: number[];
  #start = 0;

  /** @param times the calls known so far, oldest first */
  constructor(times: readonly number[] = []) {
    this.#times = [...times];
  }

  /** How many calls are kept. */
  get length(): number {
    return this.#times.length - this.#start;
  }

  /** When the newest call was, or minus infinity if there is none. */
  get newestMs(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : (this.#times.at(-1) ?? Number.NEGATIVE_INFINITY);
  }

  /** 0, or the milliseconds from `nowMs` until a call would pass. */
  waitMs({ maxCalls, windowMs }: WindowSize, nowMs: number): number {
    if (this.length < maxCalls) return 0;
    // The age and not the end of the window is compared: added to a large time, a short window would vanish.
    const ageMs = nowMs - (this.#times[this.#times.length - maxCalls] ?? Number.NEGATIVE_INFINITY);
    return Math.max(0, windowMs - ageMs);
  }

  /** Whether every call is out of the window. */
  isOver({ windowMs }: Pick<WindowSize, "windowMs">, nowMs: number): boolean {
    return nowMs - this.newestMs >= windowMs;
  }

  /** Counts a call at `nowMs` and forgets what can no longer matter. */
  count({ maxCalls, windowMs }: WindowSize, nowMs: number): void {
    this.#times.push(nowMs);
    let start = Math.max(this.#start, this.#times.length - maxCalls);
    while (nowMs - (this.#times[start] ?? nowMs) >= windowMs) start++;
    this.#start = start;
    // Moving the kept ones costs no more than forgetting the others did.
    if (start >= COMPACT_FROM && start >= this.length) {
      this.#times = this.#times.slice(start);
      this.#start = 0;
    }
  }

  /** Takes back one call that was counted at `timeMs`; one that is no longer kept is none. */
  takeBack(timeMs: number): void {
    const index = this.#times.lastIndexOf(timeMs);
    if (index >= this.#start) this.#times.splice(index, 1);
  }
}
