import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { painter } from "./paint.js";
import { wrap } from "./report.js";

test("breaks lines between words", () => {
  deepEqual(wrap("one two  three\nfour", 9), ["one two", "three", "four"]);
  deepEqual(wrap("immeasurable", 5), ["immeasurable"]);
  deepEqual(wrap("", 5), []);
});

test("colours only where they are wanted", () => {
  equal(painter(true)("text", "red"), "\u001b[31mtext\u001b[0m");
  equal(painter(false)("text", "red"), "text");
});
