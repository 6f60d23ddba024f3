import { equal } from "node:assert/strict";
import { test } from "node:test";
import { checkLimits } from "./check-limits.js";

const LIMIT = { key: "a", maxCalls: 1, windowMs: 0.5, isEnforced: true };

const refusal = (limits: unknown): string => {
  try {
    checkLimits(limits);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

test("refuses what cannot be counted by, word for word", () => {
  for (const [limits, message] of [
    [[], "accepted"],
    [[LIMIT, { ...LIMIT, key: "" }], "accepted"],
    [[{ ...LIMIT, rule: "calls" }], "accepted"],
    [undefined, "expected an array of limits, got `undefined`"],
    [LIMIT, "expected an array of limits, got an object"],
    [[null], "expected a limit, got `null`"],
    [["a"], "expected a limit, got a string"],
    [[{}], "limit field `key` must be a string, got `undefined`"],
    [[{ ...LIMIT, key: 7 }], "limit field `key` must be a string, got `7`"],
    [[{ ...LIMIT, maxCalls: 0 }], "limit field `maxCalls` must be an integer of at least 1, got `0`"],
    [[{ ...LIMIT, maxCalls: 1.5 }], "limit field `maxCalls` must be an integer of at least 1, got `1.5`"],
    [[{ ...LIMIT, windowMs: 0 }], "limit field `windowMs` must be a finite number of milliseconds above 0, got `0`"],
    [
      [{ ...LIMIT, windowMs: Number.NaN }],
      "limit field `windowMs` must be a finite number of milliseconds above 0, got `NaN`",
    ],
    [
      [{ ...LIMIT, windowMs: "1" }],
      'limit field `windowMs` must be a finite number of milliseconds above 0, got `"1"`',
    ],
    [[{ ...LIMIT, isEnforced: undefined }], "limit field `isEnforced` must be a boolean, got `undefined`"],
    [[LIMIT, LIMIT], "two limits of one call have the same `key`"],
  ] as const) {
    equal(refusal(limits), message);
  }
});
