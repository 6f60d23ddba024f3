import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { readFolder } from "./rows.js";
import { isHard } from "./threats.js";

const CATEGORIES = new Set([
  "prompt_injection",
  "jailbreak",
  "data_exfiltration",
  "tool_abuse",
  "framed",
  "benign",
  "benign_hard",
]);

const { rows, leftOut } = readFolder("eval/data");
const threats = rows.filter(({ detector }) => detector === "threats");

/** The values that occur more than once. */
function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.size === seen.add(value).size);
}

test("every row of the project's own set has a label, an id of its own and a text of its own", () => {
  equal(leftOut, 0);
  deepEqual(repeated(rows.map(({ id }) => id)), []);
  deepEqual(repeated(rows.map(({ text }) => text.trim().toLowerCase())), []);
});

test("labels, categories and languages agree", () => {
  for (const { id, category, isPositive, lang, source } of threats) {
    ok(CATEGORIES.has(category), `${id}: ${category}`);
    equal(isPositive, !category.startsWith("benign"), id);
    equal(lang, source, id);
  }
});

test("there is enough of each kind in English for an interval that says something", () => {
  const english = threats.filter(({ lang }) => lang === "en");
  const attacks = english.filter(({ isPositive }) => isPositive);
  ok(attacks.length >= 250);
  ok(attacks.filter(({ isDirect }) => !isDirect).length >= 90);
  ok(attacks.filter(({ category }) => category === "framed").length >= 25);
  ok(english.filter((row) => !row.isPositive && !isHard(row)).length >= 250);
  ok(english.filter((row) => !row.isPositive && isHard(row)).length >= 150);
});

test("a row with a secret or personal data marks it, one without does not", () => {
  for (const { id, detector, isPositive, spans, text } of rows) {
    if (detector === "threats") continue;
    equal(spans.length > 0, isPositive, id);
    for (const { start, end } of spans) ok(start < end && end <= text.length, id);
  }
});
