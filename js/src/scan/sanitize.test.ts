import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readContent } from "./content.js";
import { replaceSpans, sanitize } from "./sanitize.js";

const span = (start: number, end: number) => ({ start, end });

test("replaces spans, and those that overlap or touch become one", () => {
  equal(replaceSpans("0123456789", [span(2, 4)]), "01[REDACTED]456789");
  equal(replaceSpans("0123456789", [span(5, 8), span(2, 4)]), "01[REDACTED]4[REDACTED]89");
  equal(replaceSpans("0123456789", [span(2, 6), span(3, 4), span(5, 8)]), "01[REDACTED]89");
  equal(replaceSpans("0123456789", [span(0, 2), span(2, 10)]), "[REDACTED]");
});

test("nothing found is null, not an unchanged copy", () => {
  equal(sanitize("text", readContent("text").parts, new Map()), null);
});

test("content that is no string becomes JSON", () => {
  const content = { a: "secret", b: ["secret", 1] };
  const { parts } = readContent(content);
  const found = new Map([[parts[1] ?? { text: "", step: null }, [span(0, 3)]]]);
  equal(sanitize(content, parts, found), '{"a":"secret","b":["[REDACTED]ret",1]}');
});

test("what is written is what was scanned, whatever a second read gives", () => {
  let current: unknown = ["x", "secret", "y"];
  const content = {
    get value(): unknown {
      return current;
    },
  };
  const { parts } = readContent(content);
  const found = new Map([[parts[1] ?? { text: "", step: null }, [span(0, 3)]]]);
  for (const [next, written] of [
    [["x", "other secret", "z"], '["x","[REDACTED]ret","y"]'],
    [
      { a: "secret", b: "secret", c: "secret", d: ["secret", 7] },
      '{"a":"x","b":"[REDACTED]ret","c":"y","d":["[REDACTED]",7]}',
    ],
    [["secret"], '["x"]'],
  ]) {
    current = next;
    equal(sanitize(content, parts, found), `{"value":${written}}`);
  }
});

test("no replaced character survives, and no other is lost", () => {
  const spans = fc.array(
    fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => span(Math.min(a, b), Math.max(a, b) + 1)),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(spans, (found) => {
      const text = Array.from({ length: 31 }, (_, at) => String.fromCharCode(0x4e00 + at)).join("");
      const rest = replaceSpans(text, found).replaceAll("[REDACTED]", "");
      const kept = [...text].filter((_, at) => !found.some(({ start, end }) => at >= start && at < end)).join("");
      equal(rest, kept);
      ok(replaceSpans(text, found).includes("[REDACTED]"));
    }),
  );
});
