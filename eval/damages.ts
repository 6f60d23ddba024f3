// Ways in which texts come that nobody meant to hide: mistyped, torn apart, deep inside a document.
import { pick, type Random } from "./random.js";

/** Changes a text as chance will have it. */
export type Damage = (text: string, random: Random) => string;

/** One in so many words is damaged. */
const ONE_IN = 3;
/** What the document around a buried text measures, in UTF-16 units. */
const DOCUMENT = { shortest: 3_000, longest: 8_000 } as const;

/** A letter is left out, doubled, or changes places with the next. */
export const mistyped: Damage = (text, random) =>
  eachLongWord(text, random, (word) => {
    const at = 1 + Math.floor(random() * (word.length - 2));
    const [before, letter, next, behind] = [word.slice(0, at), word[at], word[at + 1], word.slice(at + 2)];
    const forms = [before + next + behind, before + letter + letter + next + behind, before + next + letter + behind];
    return pick(random, forms);
  });

/** A blank stands in the word. */
export const split: Damage = (text, random) =>
  eachLongWord(text, random, (word) => {
    const at = 2 + Math.floor(random() * (word.length - 3));
    return `${word.slice(0, at)} ${word.slice(at)}`;
  });

/** The text stands between honest ones, drawn from `honest`, and `start` says where. */
export function buried(text: string, honest: readonly string[], random: Random): { text: string; start: number } {
  const length = DOCUMENT.shortest + random() * (DOCUMENT.longest - DOCUMENT.shortest);
  const parts: string[] = [];
  for (let size = text.length; size < length && honest.length > 0; ) {
    const part = pick(random, honest);
    parts.push(part);
    size += part.length + 1;
  }
  const at = Math.floor(random() * (parts.length + 1));
  const before = parts.slice(0, at).map((part) => `${part}\n`);
  const start = before.reduce((length, part) => length + part.length, 0);
  return { text: [...before, text, ...parts.slice(at).map((part) => `\n${part}`)].join(""), start };
}

/** Words of five letters or more, of any script that sets words apart. */
function eachLongWord(text: string, random: Random, damage: (word: string) => string): string {
  return text.replace(/[\p{Script=Latin}\p{Script=Cyrillic}]{5,}/gu, (word) =>
    random() * ONE_IN < 1 ? damage(word) : word,
  );
}
