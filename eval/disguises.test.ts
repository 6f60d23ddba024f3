import { equal, notEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { DISGUISES } from "./disguises.js";
import { seeded } from "./random.js";

const TEXT = "Please open the Window, then go: it is far too warm (30 degrees)!";

const disguised = (name: string): string => DISGUISES[name]?.(TEXT, seeded(1)) ?? "";
const entities = (text: string): string =>
  text.replace(/&#(x?)(\w+);/g, (_, isHex, digits) => String.fromCodePoint(Number.parseInt(digits, isHex ? 16 : 10)));
const bytes = (text: string, encoding: BufferEncoding): string => Buffer.from(text, encoding).toString();
const rot13 = (text: string): string => DISGUISES["rot13"]?.(text, seeded(1)) ?? "";
const code = (character: string): number => character.codePointAt(0) ?? 0;

/** How a reader undoes each disguise that loses nothing. */
const UNDONE: Readonly<Record<string, (text: string) => string>> = {
  zero_width: (text) => text.replace(/[\p{Cf}]/gu, ""),
  bidi_controls: (text) => text.replace(/[\p{Cf}]/gu, ""),
  full_width: (text) => text.normalize("NFKC"),
  mathematical: (text) => text.normalize("NFKC"),
  diacritics: (text) => text.normalize("NFD").replace(/\p{M}/gu, ""),
  combining_marks: (text) => text.replace(/\p{M}/gu, ""),
  unicode_tags: (text) => String.fromCodePoint(...[...text].map((c) => code(c) - 0xe0000).filter((c) => c > 0)),
  variation_selectors: (text) =>
    [...text]
      .map((c) => (code(c) < 0xe0100 ? code(c) - 0xfe00 : code(c) - 0xe0100 + 16))
      .filter((byte) => byte >= 0 && byte < 256)
      .map((byte) => String.fromCharCode(byte))
      .join(""),
  split_by_hyphens: (text) => text.replaceAll("-\n", ""),
  split_by_line_breaks: (text) => text.replaceAll("\n", ""),
  html_comments: (text) => text.replace(/<!--.*?-->/g, ""),
  html_entities_decimal: entities,
  html_entities_hex: entities,
  percent: decodeURIComponent,
  unicode_escapes: (text) => JSON.parse(`"${text}"`),
  rot13,
  hex: (text) => bytes(text, "hex"),
  base64: (text) => bytes(text, "base64"),
  base64_in_a_sentence: (text) => bytes(/: (\S+)/.exec(text)?.[1] ?? "", "base64"),
  base64_of_percent: (text) => decodeURIComponent(bytes(text, "base64")),
  html_entities_of_rot13: (text) => rot13(entities(text)),
  base64_of_base64_of_hex: (text) => bytes(bytes(bytes(text, "base64"), "base64"), "hex"),
};

for (const [name, undo] of Object.entries(UNDONE)) {
  test(`${name} hides the text, and whoever knows it can read it`, () => {
    ok(!disguised(name).includes("Window"), disguised(name));
    equal(undo(disguised(name)), TEXT);
  });
}

test("the others change the text, always alike", () => {
  for (const name of Object.keys(DISGUISES)) {
    notEqual(disguised(name), TEXT, name);
    equal(disguised(name), disguised(name), name);
  }
  equal(disguised("spaced_letters").slice(0, 11), "P l e a s e");
  equal(disguised("leetspeak").slice(0, 11), "pl3453 0p3n");
  ok(/[а-я]/.test(disguised("confusables")));
  ok(/&comma;.*&colon;/.test(disguised("html_entities_mixed")));
});
