import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { selectSlices } from "./budget.js";

const partsOf = (...texts: string[]) => texts.map((text) => ({ text, step: null }));
const shown = (texts: string[], maxChars: number): [number, string][] =>
  selectSlices(partsOf(...texts), maxChars).slices.map(({ offset, text }) => [offset, text]);

test("a content within the budget is scanned whole", () => {
  const { slices, isTruncated } = selectSlices(partsOf("abc", "", "de"), 5);
  equal(isTruncated, false);
  deepEqual(
    slices.map(({ text }) => text),
    ["abc", "", "de"],
  );
});

test("of a longer one the first and the last half are scanned, with their offsets", () => {
  deepEqual(shown(["0123456789"], 4), [
    [0, "01"],
    [8, "89"],
  ]);
  deepEqual(shown(["0123456789"], 5), [
    [0, "01"],
    [7, "789"],
  ]);
});

test("the budget is shared by all strings", () => {
  deepEqual(shown(["abc", "defg", "hij"], 6), [
    [0, "abc"],
    [0, "hij"],
  ]);
  deepEqual(shown(["ab", "cdefgh", "ij"], 6), [
    [0, "ab"],
    [0, "c"],
    [5, "h"],
    [0, "ij"],
  ]);
});

test("a surrogate pair is never cut", () => {
  deepEqual(shown(["a😀b😀c"], 4), [
    [0, "a"],
    [6, "c"],
  ]);
});

test("whatever the strings, slices are theirs, in order, and within the budget", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), fc.integer({ min: 2, max: 40 }), (texts, maxChars) => {
      const { slices, isTruncated } = selectSlices(partsOf(...texts), maxChars);
      equal(isTruncated, texts.join("").length > maxChars);
      ok(slices.reduce((sum, { text }) => sum + text.length, 0) <= maxChars);
      for (const { part, text, offset } of slices) equal(part.text.slice(offset, offset + text.length), text);
    }),
  );
});
