import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { shareOf, shareOfCounts } from "./share.js";

const near = (actual: number | null, expected: number, by: number) =>
  ok(Math.abs((actual ?? 9) - expected) <= by, `${actual}`);

test("the interval of a share is that of the binomial distribution", () => {
  const { share, low, high } = shareOf(30, 100);
  equal(share, 0.3);
  equal(low, 0.21);
  equal(high, 0.39);
});

test("many rows give a narrow interval, and nothing under- or overflows", () => {
  const { low, high } = shareOf(100, 100_000);
  near(low, 0.00081, 0.00001);
  near(high, 0.0012, 0.00001);
  const half = shareOf(50_000, 100_000);
  near(half.low, 0.4969, 0.0001);
  near(half.high, 0.5031, 0.0001);
});

test("all, none and nothing", () => {
  deepEqual(shareOf(0, 50), { hits: 0, of: 50, share: 0, low: 0, high: 0 });
  deepEqual(shareOf(50, 50), { hits: 50, of: 50, share: 1, low: 1, high: 1 });
  deepEqual(shareOf(0, 0), { hits: 0, of: 0, share: null, low: null, high: null });
  deepEqual(shareOfCounts([{ hits: 0, of: 0 }]), { hits: 0, of: 0, share: null, low: null, high: null });
});

test("what is drawn is drawn alike every time", () => {
  const rows = Array.from({ length: 31 }, (_, index) => ({ hits: index % 3, of: 3 }));
  deepEqual(shareOfCounts(rows), shareOfCounts(rows));
});

test("rows that count once have the interval of a share", () => {
  const rows = Array.from({ length: 200 }, (_, index) => ({ hits: index < 60 ? 1 : 0, of: 1 }));
  const { low, high, ...rest } = shareOfCounts(rows);
  deepEqual(rest, { hits: 60, of: 200, share: 0.3 });
  near(low, shareOf(60, 200).low ?? 0, 0.015);
  near(high, shareOf(60, 200).high ?? 0, 0.015);
});

test("what comes in clusters is less certain than what comes one by one", () => {
  const clusters = Array.from({ length: 20 }, (_, index) => ({ hits: index < 10 ? 10 : 0, of: 10 }));
  const width = ({ low, high }: { low: number | null; high: number | null }) => (high ?? 0) - (low ?? 0);
  ok(width(shareOfCounts(clusters)) > 2 * width(shareOf(100, 200)));
});
