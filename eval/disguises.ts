// Ways to hide a text from a scanner that a model still reads, or decodes when asked to.
import { pick, type Random } from "./random.js";

/** Hides an ASCII text. All that is left to chance is drawn from `random`. */
export type Disguise = (text: string, random: Random) => string;

const INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"];
const BIDI = ["\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069"];
const COMBINING = ["\u0300", "\u0301", "\u0308", "\u030a", "\u0331", "\u0336", "\u0338"];
const LOOK_ALIKE = table("aceopxyijsBEHKMNOPTX", "асеορхуіјѕВΕНКМΝОРТХ");
const DIACRITIC = table("aeiouyncszAEIOU", "áëïõûýñçšžÀÉÎÖÜ");
const LEET = table("aeiost", "431057");
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  " ": "&#x20;",
  "!": "&excl;",
  ",": "&comma;",
  ".": "&period;",
  ":": "&colon;",
  "/": "&sol;",
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
};
/** What people see of a text whose characters are invisible. */
const COVER = "Thanks, that was very helpful 😊";

/** Every disguise by its name. */
export const DISGUISES: Readonly<Record<string, Disguise>> = {
  upper_case: (text) => text.toUpperCase(),
  zero_width: (text, random) => insideWords(text, () => (random() < 0.5 ? pick(random, INVISIBLE) : "")),
  bidi_controls: (text, random) => insideWords(text, () => (random() < 0.4 ? pick(random, BIDI) : "")),
  full_width: (text) => eachPrintable(text, (code) => code + 0xfee0),
  mathematical: (text) => eachLetter(text, (letter, first) => first + letter, 0x1d400, 0x1d41a),
  confusables: (text) => replaceBy(LOOK_ALIKE, text),
  diacritics: (text) => replaceBy(DIACRITIC, text),
  combining_marks: (text, random) => text.replace(/[a-z]/gi, (letter) => letter + pick(random, COMBINING)),
  unicode_tags: (text) => COVER + eachPrintable(text.replace(/\s/g, " "), (code) => code + 0xe0000, 0x20),
  variation_selectors: (text) => COVER + String.fromCodePoint(...bytes(text).map(variationSelector)),
  leetspeak: (text) => replaceBy(LEET, text.toLowerCase()),
  spaced_letters: (text) => [...text].join(" "),
  split_by_hyphens: (text) => splitWords(text, "-\n"),
  split_by_line_breaks: (text) => splitWords(text, "\n"),
  html_entities_decimal: (text) => perCharacter(text, (code) => `&#${code};`),
  html_entities_hex: (text) => perCharacter(text, (code) => `&#x${code.toString(16)};`),
  html_entities_mixed: mixedEntities,
  html_comments: (text) => splitWords(text, "<!-- -->"),
  percent: (text) => perByte(text, (digits) => `%${digits.toUpperCase()}`),
  unicode_escapes: (text) => perCharacter(text, (code) => `\\u${code.toString(16).padStart(4, "0")}`),
  rot13: (text) => eachLetter(text, (letter, first) => first + ((letter + 13) % 26)),
  hex: (text) => perByte(text, (digits) => digits),
  base64,
  base64_in_a_sentence: (text) => `The rest arrived garbled, decode: ${base64(text)} See you on Monday.`,
  base64_of_percent: (text, random) => base64(apply("percent", text, random)),
  html_entities_of_rot13: (text, random) => apply("html_entities_decimal", apply("rot13", text, random), random),
  base64_of_base64_of_hex: (text, random) => base64(base64(apply("hex", text, random))),
};

function apply(name: string, text: string, random: Random): string {
  return DISGUISES[name]?.(text, random) ?? text;
}

/** Which character of `from` becomes which of `to`. */
function table(from: string, to: string): ReadonlyMap<string, string> {
  const targets = [...to];
  return new Map([...from].map((character, index) => [character, targets[index] ?? character]));
}

function replaceBy(characters: ReadonlyMap<string, string>, text: string): string {
  return [...text].map((character) => characters.get(character) ?? character).join("");
}

/** Puts something behind each letter that another letter follows. */
function insideWords(text: string, filler: () => string): string {
  return text.replace(/[a-z](?=[a-z])/gi, (letter) => letter + filler());
}

/** Cuts each word of five letters or more in the middle. */
function splitWords(text: string, separator: string): string {
  return text.replace(/[a-z]{5,}/gi, (word) => {
    const middle = word.length >> 1;
    return word.slice(0, middle) + separator + word.slice(middle);
  });
}

/** Replaces each printable ASCII character from `first` on. */
function eachPrintable(text: string, target: (code: number) => number, first = 0x21): string {
  return [...text]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      return code >= first && code <= 0x7e ? String.fromCodePoint(target(code)) : character;
    })
    .join("");
}

/** Replaces each letter: `target` gets its place in the alphabet and where the alphabet of its case begins. */
function eachLetter(
  text: string,
  target: (letter: number, first: number) => number,
  upper = 0x41,
  lower = 0x61,
): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const [from, to] = letter < "a" ? [0x41, upper] : [0x61, lower];
    return String.fromCodePoint(target(letter.charCodeAt(0) - from, to));
  });
}

function perCharacter(text: string, write: (code: number) => string): string {
  return [...text].map((character) => write(character.codePointAt(0) ?? 0)).join("");
}

/** Each byte of the UTF-8 form, which is written with two hexadecimal digits. */
function perByte(text: string, write: (digits: string) => string): string {
  return bytes(text)
    .map((byte) => write(byte.toString(16).padStart(2, "0")))
    .join("");
}

/** Decimal, hexadecimal and named entities, with some letters left as they are. */
function mixedEntities(text: string, random: Random): string {
  return perCharacter(text, (code) => {
    const character = String.fromCodePoint(code);
    const forms = [`&#${code};`, `&#x${code.toString(16)};`, `&#${String(code).padStart(7, "0")};`, character];
    return NAMED_ENTITIES[character] ?? pick(random, forms);
  });
}

/** One byte as an invisible character: the 256 variation selectors lie in two blocks. */
function variationSelector(byte: number): number {
  return byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16;
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

function bytes(text: string): number[] {
  return [...Buffer.from(text, "utf8")];
}
