import fc from "fast-check";
import type { RateLimit } from "../../src/rate-limits/store.js";

/** What rate limits mean, written as plainly as can be: every call is remembered for ever and looked at each time. */
export class RateLimitModel {
  readonly #calls = new Map<string, number[]>();
  #nowMs = Number.NEGATIVE_INFINITY;

  take(limits: readonly RateLimit[], clockMs: number): number[] {
    const nowMs = Math.max(this.#nowMs, clockMs);
    this.#nowMs = nowMs;
    const waits = limits.map(({ key, maxCalls, windowMs }) => {
      const inWindow = this.callsOf(key).filter((time) => time > nowMs - windowMs && time <= nowMs);
      const oldest = inWindow.slice(-maxCalls)[0] ?? nowMs;
      return inWindow.length < maxCalls ? 0 : oldest + windowMs - nowMs;
    });
    const isRefused = limits.some(({ isEnforced }, index) => isEnforced && waits[index] !== 0);
    if (!isRefused) for (const { key } of limits) this.#calls.set(key, [...this.callsOf(key), nowMs]);
    return waits;
  }

  /** When the calls of a key were counted, oldest first. */
  callsOf(key: string): readonly number[] {
    return this.#calls.get(key) ?? [];
  }
}

/** One call: after how long by the clock, which may be set back, and which of the limits it must keep to. */
export interface CallStep {
  readonly passedMs: number;
  readonly limits: readonly RateLimit[];
}

/**
 * Some limits, and calls that must keep to some of them.
 *
 * @param unitMs times are multiples of it. A power of two adds up without rounding
 */
export function callSteps(unitMs: number): fc.Arbitrary<readonly CallStep[]> {
  const limit = fc.record({
    key: fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("__proto__", "constructor", "\u0000", "\ud800", "\udfff"),
    ),
    maxCalls: fc.integer({ min: 1, max: 4 }),
    windowMs: fc.integer({ min: 1, max: 40 }).map((units) => units * unitMs),
    isEnforced: fc.boolean(),
  });
  return fc.uniqueArray(limit, { minLength: 1, maxLength: 4, selector: ({ key }) => key }).chain((limits) =>
    fc.array(
      fc.record({
        passedMs: fc.oneof(
          { weight: 9, arbitrary: fc.integer({ min: 0, max: 12 }).map((units) => units * unitMs) },
          { weight: 1, arbitrary: fc.integer({ min: -20, max: 0 }).map((units) => units * unitMs) },
        ),
        limits: fc.subarray(limits, { minLength: 1 }),
      }),
      { maxLength: 80, size: "max" },
    ),
  );
}

/** The most calls that lie in one window of this length, wherever it is laid. */
export function mostInOneWindow(times: readonly number[], windowMs: number): number {
  return Math.max(0, ...times.map((end) => times.filter((time) => time > end - windowMs && time <= end).length));
}
