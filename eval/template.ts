// Templates stand in for texts with credentials, so that no file of the repository holds anything that looks like one.
import { checksum } from "../js/test/shared/fake-token.js";
import { pick, type Random, seeded, seedOf } from "./random.js";
import type { LabelledSpan } from "./rows.js";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const ALNUM = LOWER.toUpperCase() + LOWER + DIGITS;

/** What `{name:length}` is filled with: the names of the pattern files, and some that are rarer. */
const ALPHABETS: Readonly<Record<string, string>> = {
  alnum: ALNUM,
  upper_alnum: LOWER.toUpperCase() + DIGITS,
  lower_alnum: LOWER + DIGITS,
  hex: `${DIGITS}abcdef`,
  base64: `${ALNUM}+/`,
  base64url: `${ALNUM}_-`,
  digits: DIGITS,
  alpha: LOWER.toUpperCase() + LOWER,
  base32: `${LOWER.toUpperCase()}234567`,
  bech32: "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
};

const PIECE = /\{(?<name>\w+):(?<length>\d+)\}|\{luhn\}|\{crc32_base62\}|[«»]/g;

/**
 * Fills in the placeholders of a template, always alike for the same `id`, and takes out the marks: `«…»` is a labelled
 * span, whose type is the next one of `types`. `{luhn}` is the check digit of all digits since the last mark,
 * `{crc32_base62}` the checksum of what the placeholders since then were filled with.
 */
export function fillIn(
  template: string,
  types: readonly string[],
  id: string,
): { text: string; spans: LabelledSpan[] } {
  const random = seeded(seedOf(id));
  const spans: LabelledSpan[] = [];
  let [text, copied, filled, mark] = ["", 0, "", 0];
  for (const match of template.matchAll(PIECE)) {
    text += template.slice(copied, match.index);
    copied = match.index + match[0].length;
    if (match[0] === "«" || match[0] === "»") {
      if (match[0] === "»")
        spans.push({ start: mark, end: text.length, type: types[spans.length] ?? missing(spans.length) });
      [filled, mark] = ["", text.length];
    } else if (match[0] === "{luhn}") {
      text += luhnDigit(text.slice(mark));
    } else if (match[0] === "{crc32_base62}") {
      text += checksum(filled);
    } else {
      const value = fillWith(match.groups?.["name"] ?? "", Number(match.groups?.["length"]), random);
      filled += value;
      text += value;
    }
  }
  if (spans.length < types.length) throw new Error(`${types.length} types for ${spans.length} marked spans`);
  return { text: text + template.slice(copied), spans };
}

function missing(index: number): never {
  throw new Error(`the marked span ${index + 1} has no type`);
}

function fillWith(name: string, length: number, random: Random): string {
  const alphabet = ALPHABETS[name];
  if (alphabet === undefined) throw new Error(`unknown placeholder \`${name}\``);
  return Array.from({ length }, () => pick(random, [...alphabet])).join("");
}

/** The digit that makes a number pass the Luhn check. */
function luhnDigit(number: string): number {
  const digits = [...number.replace(/\D/g, "")].reverse();
  const doubled = digits.map((digit, index) => Number(digit) * (index % 2 === 0 ? 2 : 1));
  const sum = doubled.reduce((total, each) => total + (each > 9 ? each - 9 : each), 0);
  return (10 - (sum % 10)) % 10;
}
