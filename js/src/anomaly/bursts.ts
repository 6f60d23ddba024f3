import { Spread } from "./spread.js";

/** Calls are counted in windows of this length. */
const WINDOW_MS = 60_000;
/** Windows that must have passed before there is a baseline. */
const LEARNING_WINDOWS = 60;
/** Fewer calls in a window are never a burst, however quiet the agent is otherwise. */
const MIN_CALLS = 30;
/** How many times its usual rate, and how many deviations above it, an agent must call. */
const MIN_RATIO = 4;
const MIN_DEVIATIONS = 8;
/** After a longer pause nothing more is learnt from it. */
const MAX_IDLE_WINDOWS = 60;

/** Tells when an agent calls far more often than it usually does. */
export class Bursts {
  readonly #perWindow = new Spread();
  #windowStartMs = Number.NaN;
  #calls = 0;

  /** Takes in a call; true for the one with which its window becomes a burst. */
  add(nowMs: number): boolean {
    if (Number.isNaN(this.#windowStartMs)) this.#windowStartMs = nowMs;
    const windows = Math.floor((nowMs - this.#windowStartMs) / WINDOW_MS);
    // A clock that was set back leaves the window open until it has caught up.
    if (windows >= 1) this.#endWindow(windows);
    this.#calls += 1;
    return this.#calls === this.#limit();
  }

  #endWindow(windows: number): void {
    // A burst teaches no more than the limit, so that an attacker cannot raise it in one go.
    this.#perWindow.add(Math.min(this.#calls, this.#limit()));
    for (let idle = 1; idle < Math.min(windows, MAX_IDLE_WINDOWS); idle++) this.#perWindow.add(0);
    this.#windowStartMs += windows * WINDOW_MS;
    this.#calls = 0;
  }

  /** The number of calls from which on a window is a burst. */
  #limit(): number {
    const { count, mean, deviation } = this.#perWindow;
    if (count < LEARNING_WINDOWS) return Number.POSITIVE_INFINITY;
    return Math.ceil(Math.max(MIN_CALLS, mean * MIN_RATIO, mean + deviation * MIN_DEVIATIONS));
  }
}
