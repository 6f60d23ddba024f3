import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { jsonOf } from "./json.js";

test("a report means what it says and holds nothing that a terminal obeys or hides", () => {
  const report = { "\u009b": "a\u001b[2J\u202e\u200b\u{e0041}\u2028\u007f", plain: "é 語 😀" };
  const json = jsonOf(report);
  deepEqual(JSON.parse(json), report);
  ok(!/[\p{Cf}\p{Zl}]|[^\n\P{Cc}]/u.test(json), json);
  ok(json.includes("é 語 😀"));
  equal(json.at(-1), "\n");
});
