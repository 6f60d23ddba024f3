import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { setIdleTimer } from "./timer.js";

test("a time longer than timers can count to does not ring at once", (t) => {
  const set = t.mock.method(globalThis, "setTimeout", () => 0);
  setIdleTimer(() => {}, 5);
  setIdleTimer(() => {}, 1e12);
  deepEqual(
    set.mock.calls.map(({ arguments: [, afterMs] }) => afterMs),
    [5, 2 ** 31 - 1],
  );
});
