import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../types.js";
import { similarOf } from "./similar.js";

function finding(start: number, end: number, score: number): Finding {
  return { start, end, score } as Finding;
}

test("of windows that overlap the strongest stay, and none is lost for one that went", () => {
  const windows = [0.71, 0.8, 0.84, 0.83, 0.72].map((score, block) => finding(block * 10, block * 10 + 20, score));
  const { findings, l2Result } = similarOf(windows, 0.85);
  deepEqual(
    findings.map(({ start }) => start),
    [0, 20, 40],
  );
  deepEqual(l2Result, "flag");
});

test("one window from the threshold on blocks", () => {
  deepEqual(similarOf([finding(0, 9, 0.7), finding(9, 20, 0.85)], 0.85).l2Result, "block");
  deepEqual(similarOf([], 0.85), { findings: [], l2Result: "pass" });
});
