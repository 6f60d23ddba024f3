import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { callSteps, mostInOneWindow, RateLimitModel } from "../../test/support/rate-limit-model.js";
import { MemoryRateLimits } from "./memory.js";
import type { RateLimit } from "./store.js";

const MAX_KEYS = 100_000;
const limitOf = (key: string, rest: Partial<RateLimit> = {}): RateLimit => ({
  key,
  maxCalls: 1,
  windowMs: 10,
  isEnforced: true,
  ...rest,
});

/** A store and the clock it reads. */
function storeAt(startMs: number): { limits: MemoryRateLimits; clock: { ms: number } } {
  const clock = { ms: startMs };
  return { limits: new MemoryRateLimits(() => clock.ms), clock };
}

test("answers as the model does, also when the clock is set back", () => {
  fc.assert(
    fc.property(callSteps(0.125), fc.constantFrom(0, 1_700_000_000_000), (steps, startMs) => {
      const { limits, clock } = storeAt(startMs);
      const model = new RateLimitModel();
      for (const step of steps) {
        clock.ms += step.passedMs;
        deepEqual(limits.take(step.limits), model.take(step.limits, clock.ms));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("never lets one call more than allowed through any window, and refuses none that fits", () => {
  const sizes = fc.record({
    maxCalls: fc.integer({ min: 1, max: 30 }),
    windowMs: fc.double({ min: 0.001, max: 50, noNaN: true }),
  });
  const gaps = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { maxLength: 200, size: "max" });
  fc.assert(
    fc.property(sizes, gaps, ({ maxCalls, windowMs }, passedMs) => {
      const { limits, clock } = storeAt(0);
      const passed: number[] = [];
      for (const gapMs of passedMs) {
        clock.ms += gapMs;
        const [waitMs] = limits.take([limitOf("agent", { maxCalls, windowMs })]) ?? [];
        const inWindow = passed.filter((time) => clock.ms - time < windowMs).length;
        equal(waitMs === 0, inWindow < maxCalls);
        if (waitMs === 0) passed.push(clock.ms);
      }
      ok(mostInOneWindow(passed, windowMs) <= maxCalls);
    }),
  );
});

test("a call at the edge of the window is out of it", () => {
  const { limits, clock } = storeAt(100);
  deepEqual(limits.take([limitOf("a")]), [0]);
  clock.ms = 109.5;
  deepEqual(limits.take([limitOf("a")]), [0.5]);
  clock.ms = 110;
  deepEqual(limits.take([limitOf("a")]), [0]);
});

test("a window too short for the clock still holds the calls of one moment", () => {
  const { limits } = storeAt(1_700_000_000_000);
  const limit = limitOf("a", { windowMs: 1e-9 });
  deepEqual(limits.take([limit]), [0]);
  deepEqual(limits.take([limit]), [1e-9]);
});

test("a refused call is taken from no limit", () => {
  const { limits } = storeAt(0);
  deepEqual(limits.take([limitOf("agent")]), [0]);
  for (let call = 0; call < 5; call++) deepEqual(limits.take([limitOf("global"), limitOf("agent")]), [0, 10]);
  deepEqual(limits.take([limitOf("global")]), [0]);
});

test("a limit that is not enforced tells and counts all the same", () => {
  const { limits, clock } = storeAt(0);
  const alert = limitOf("a", { maxCalls: 2, isEnforced: false });
  const waits = [0, 1, 2, 3].map((ms) => {
    clock.ms = ms;
    return limits.take([alert])?.[0];
  });
  deepEqual(waits, [0, 0, 8, 8]);
});

test("a rule whose window or number changes keeps its calls", () => {
  const { limits, clock } = storeAt(0);
  deepEqual(limits.take([limitOf("a", { windowMs: 10 })]), [0]);
  deepEqual(limits.take([limitOf("a", { windowMs: 100 })]), [100]);
  clock.ms = 50;
  deepEqual(limits.take([limitOf("a", { windowMs: 100 })]), [50]);
  deepEqual(limits.take([limitOf("a", { windowMs: 100, maxCalls: 2 })]), [0]);
  deepEqual(limits.take([limitOf("a", { windowMs: 60, maxCalls: 2 })]), [10]);
  deepEqual(limits.take([limitOf("a", { windowMs: 60, maxCalls: 1 })]), [60]);
  clock.ms = 110;
  limits.take([]);
  equal(limits.size, 0);
});

test("forgets keys whose windows are over, whatever their lengths", () => {
  const { limits, clock } = storeAt(0);
  for (let key = 0; key < 1_000; key++) limits.take([limitOf(`${key}`, { windowMs: 1 + (key % 7) })]);
  equal(limits.size, 1_000);
  clock.ms = 7;
  limits.take([limitOf("later")]);
  equal(limits.size, 1);
});

test("forgets every key once, in whatever order they were called", () => {
  const call = fc.record({ key: fc.integer({ min: 0, max: 9 }), windowMs: fc.integer({ min: 1, max: 3 }) });
  fc.assert(
    fc.property(fc.array(call, { size: "max", maxLength: 60 }), (calls) => {
      const { limits, clock } = storeAt(0);
      for (const { key, windowMs } of calls) {
        limits.take([limitOf(`${key}`, { windowMs, isEnforced: false })]);
        clock.ms += 0.125;
      }
      clock.ms += 3;
      limits.take([]);
      equal(limits.size, 0);
    }),
  );
});

test("remembers no more than 100,000 keys, and while they live forgets none of them", () => {
  const { limits, clock } = storeAt(0);
  for (let key = 0; key < MAX_KEYS; key++) {
    clock.ms = key / MAX_KEYS;
    deepEqual(limits.take([limitOf(`${key}`)]), [0]);
  }
  equal(limits.take([limitOf("one more")]), null);
  equal(limits.size, MAX_KEYS);
  deepEqual(limits.take([limitOf("one more"), limitOf("0")]), [0, 10 - clock.ms]);
  clock.ms = 10;
  deepEqual(limits.take([limitOf("one more")]), [0]);
  equal(limits.take([limitOf("two more")]), null);
  equal(limits.size, MAX_KEYS);
});

test("a call that finds no room for one key counts against the others", () => {
  const { limits } = storeAt(0);
  const global = limitOf("global", { maxCalls: 2 });
  limits.take([global]);
  for (let key = 1; key < MAX_KEYS; key++) limits.take([limitOf(`${key}`)]);
  equal(limits.take([limitOf("new session"), global]), null);
  deepEqual(limits.take([limitOf("newer session"), global]), [0, 10]);
});

test("reserves nothing for calls that were not made", () => {
  const { limits } = storeAt(0);
  for (let key = 0; key < 1_000; key++) {
    deepEqual(limits.take([limitOf(`${key}`, { maxCalls: Number.MAX_SAFE_INTEGER })]), [0]);
  }
});

test("keys are whatever they are", () => {
  const long = "x".repeat(1_000_000);
  const keys = ["", "__proto__", "constructor", "\u0000", "\ud800", "\ud801", "\ufffd", "a".repeat(64), "a".repeat(65)];
  keys.push(long, `${long}y`, `${long}\ud800`, `${long}\ud801`);
  const { limits } = storeAt(0);
  for (const key of keys) deepEqual(limits.take([limitOf(key)]), [0]);
  for (const key of keys) deepEqual(limits.take([limitOf(key)]), [10]);
  equal(limits.size, keys.length);
});
