import { equal } from "node:assert/strict";
import { test } from "node:test";
import { backoffMs, retryAfterMs } from "./backoff.js";

test("waits half a second, then twice as long each time, up to half a minute", () => {
  for (const [failures, least, most] of [
    [1, 250, 500],
    [2, 500, 1000],
    [6, 8000, 16_000],
    [7, 15_000, 30_000],
    [8, 15_000, 30_000],
    [10_000, 15_000, 30_000],
  ] as const) {
    equal(backoffMs(failures, 0), least);
    equal(backoffMs(failures, 1), most);
  }
});

test("reads seconds and dates, and nothing else", () => {
  const now = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");
  for (const [header, wait] of [
    [null, null],
    ["0", 0],
    ["2", 2000],
    [" 1.5 ", 1500],
    ["99999", 300_000],
    ["Wed, 21 Oct 2026 07:28:09 GMT", 9000],
    ["Wednesday, 21-Oct-26 07:28:09 GMT", 9000],
    ["Wed, 21 Oct 2026 07:27:00 GMT", 0],
    ["", null],
    ["-1", null],
    ["soon", null],
    ["Soon, perhaps", null],
    ["1e9", null],
    ["2026-10-21", null],
  ] as const) {
    equal(retryAfterMs(header, now), wait, String(header));
  }
});
