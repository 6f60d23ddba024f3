import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { excerptOf, positionsIn } from "./excerpt.js";

/** Shows the part of a text that stands between « and ». */
function marked(text: string, width = 60): [string, string] {
  const start = text.indexOf("«");
  const end = text.indexOf("»") - 1;
  const { shown, underline } = excerptOf(text.replace(/[«»]/g, ""), start, end, width);
  return [shown, underline];
}

test("counts lines and columns as editors do", () => {
  deepEqual(positionsIn("a\nb😀c")(5), { line: 2, column: 4 });
  deepEqual(positionsIn("")(0), { line: 1, column: 1 });
  deepEqual([0, 1, 2, 3].map(positionsIn("\n\nx")), [
    { line: 1, column: 1 },
    { line: 2, column: 1 },
    { line: 3, column: 1 },
    { line: 3, column: 2 },
  ]);
});

test("underlines a span in its line", () => {
  deepEqual(marked("one\ntwo «three» four\nfive"), ["two three four", "    ^^^^^"]);
  deepEqual(marked("«all»"), ["all", "^^^"]);
  deepEqual(marked("a\n«b»"), ["b", "^"]);
});

test("counts what a terminal shows: wide characters twice, combining ones not", () => {
  deepEqual(marked("日本 «語» 😀 x"), ["日本 語 😀 x", "     ^^"]);
  deepEqual(marked("e\u0301 «x»"), ["e\u0301 x", "  ^"]);
});

test("shows what a terminal would hide or obey", () => {
  deepEqual(marked("a\u200b«b\u001b[31mc\u{e0041}»\td"), ["a·b·[31mc· d", "  ^^^^^^^^"]);
});

test("of a span over several lines the first is underlined", () => {
  deepEqual(marked("one «two\nthree» four"), ["one two", "    ^^^"]);
});

test("a long line is cut around the span", () => {
  const { shown, underline } = excerptOf(`${"x".repeat(500)}HERE${"y".repeat(500)}`, 500, 504, 40);
  deepEqual([shown, underline], [`…${"x".repeat(10)}HERE${"y".repeat(24)}…`, `${" ".repeat(11)}^^^^`]);
});

test("a long line is cut between characters, whatever they are", () => {
  const text = `${"😀".repeat(500)}«HERE»${"𝐱".repeat(500)}`;
  deepEqual(marked(text, 40), [`…${"😀".repeat(10)}HERE${"𝐱".repeat(14)}…`, `${" ".repeat(21)}^^^^`]);
  // Marks that stand on the letter before them take no columns, so that columns alone would never end the line.
  for (const letters of ["e", "ee"]) {
    const { shown } = excerptOf(letters + "\u{1e000}".repeat(5000), 0, 1, 40);
    match(shown, /^e+\u{1e000}+…$/u);
    ok(shown.length <= 81, shown);
  }
});

test("of a span that begins where its long line ends, the end of the line is shown", () => {
  deepEqual(marked(`${"x".repeat(500)}«\ntwo»`, 40), [`…${"x".repeat(10)}`, ""]);
});

test("whatever the text, both lines fit, and something is underlined", () => {
  const texts = fc
    .string({ unit: "binary", minLength: 1, maxLength: 200 })
    .filter((text) => !/^[\n\p{Mn}]/u.test(text));
  fc.assert(
    fc.property(texts, fc.nat(50), fc.integer({ min: 20, max: 100 }), (text, before, width) => {
      const prefix = "x".repeat(before);
      const { shown, underline } = excerptOf(prefix + text, before, before + text.length, width);
      ok(!/[\p{Cc}\p{Cf}\p{Cs}]/u.test(shown), shown);
      ok([...shown].length <= width + text.length - [...text].length + 100);
      ok(underline.length <= width, underline);
      equal(underline.includes("^"), true);
    }),
  );
});
