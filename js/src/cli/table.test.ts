import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cellsOf } from "./excerpt.js";
import { painter } from "./paint.js";
import { tableLines } from "./table.js";

function plain(head: readonly string[], rows: readonly (readonly string[])[], width = 100): string[] {
  return tableLines(
    head,
    rows.map((row) => row.map((text) => ({ text }))),
    painter(false),
    width,
  );
}

test("columns are as wide as they must be, and lines end where their text does", () => {
  deepEqual(
    plain(
      ["a", "name"],
      [
        ["one", "x"],
        ["", "語 y"],
        ["two", ""],
      ],
    ),
    ["a    name", "one  x", "     語 y", "two"],
  );
});

test("the widest columns are broken between words, and long names behind punctuation", () => {
  deepEqual(plain(["rule", "did"], [["production/block-prompt-injection", "fired and so on"]], 30), [
    "rule            did",
    "production/     fired and so",
    "block-prompt-   on",
    "injection",
  ]);
  deepEqual(plain(["a"], [["x".repeat(12)]], 8), ["a", "xxxxxxxx", "xxxx"]);
});

test("untrusted texts stay one line that a terminal neither obeys nor hides anything of", () => {
  deepEqual(plain(["a", "b"], [["x\u001b[2J\n\u202ey", "z"]]), ["a         b", "x·[2J··y  z"]);
});

test("colours do not count", () => {
  const rows = [[{ text: "one", colour: "red" as const }, { text: "two" }]];
  equal(tableLines(["a", "b"], rows, painter(true), 100)[1], "\u001b[31mone\u001b[0m  two");
});

test("whatever the texts, lines fit", () => {
  const text = fc.string({ unit: "binary", maxLength: 80 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text, text), { maxLength: 5 }),
      fc.integer({ min: 40, max: 100 }),
      (rows, width) => {
        for (const line of plain(["a", "b", "c"], rows, width)) {
          ok(!/[\p{Cc}\p{Cf}]/u.test(line), line);
          ok(cellsOf(line, 0).reduce((sum, { columns }) => sum + columns, 0) <= width, line);
        }
      },
    ),
  );
});
