// What each layer finds alone and both together, also in texts that are mistyped, torn apart or buried.
import { buried, mistyped, split } from "./damages.js";
import type { Scan } from "./evaluate.js";
import { overlapsAny, threatsIn } from "./findings.js";
import { byName } from "./groups.js";
import { type Random, sample, seeded, seedOf } from "./random.js";
import type { Row } from "./rows.js";
import { type Share, shareOf } from "./share.js";
import { type Outcome, TOTALS } from "./threats.js";

/** Texts that are damaged. */
const SAMPLE = 400;
const SEED = 11;
/** Longest attack that is damaged or buried, and shortest and longest honest text that it is buried between. */
const LONGEST_ATTACK = 400;
const HONEST = { shortest: 80, longest: 2_000 } as const;

/** How L1, L2 and both scan, and L2's score of a text. */
export interface Layers {
  readonly scans: Readonly<Record<string, Scan>>;
  readonly score: (text: string) => number;
}

export interface LayerFigures {
  /** For each group of texts what each layer says. */
  readonly groups: Readonly<Record<string, Readonly<Record<string, Outcome>>>>;
  /** For shares of honest texts that L2 may take for attacks: the score that takes it, and the attacks found from it on. */
  readonly atAlarms: readonly { readonly alarms: number; readonly score: number; readonly found: Share }[];
}

/** A text, and the part of it in which an attack is to be found; null if that may be anywhere. */
interface Sought {
  readonly text: string;
  readonly span: { readonly start: number; readonly end: number } | null;
}

/** Reckons all of it. */
export function measureLayers(rows: readonly Row[], { scans, score }: Layers): LayerFigures {
  const groups = Object.entries(groupsOf(rows)).map(([name, texts]) => [
    name,
    Object.fromEntries(Object.entries(scans).map(([layer, scan]) => [layer, outcomeOf(texts, scan)])),
  ]);
  return { groups: Object.fromEntries(groups), atAlarms: atAlarms(rows, score) };
}

function groupsOf(rows: readonly Row[]): Record<string, readonly Sought[]> {
  const textsOf = (wanted: (row: Row) => boolean): Sought[] => anywhere(rows.filter(wanted));
  const attacks = rows.filter(TOTALS.attacks);
  const benign = rows.filter((row) => !row.isPositive);
  const short = sample(
    seeded(SEED),
    attacks.filter(({ text, isDirect }) => isDirect && text.length <= LONGEST_ATTACK),
    SAMPLE,
  );
  const damaged = (damage: (text: string, random: Random) => string): Sought[] =>
    short.map(({ text }) => ({ text: damage(text, seeded(seedOf(text))), span: null }));
  const around = ({ lang }: Row): string[] =>
    benign
      .filter((row) => row.lang === lang && TOTALS.benign(row))
      .map(({ text }) => text)
      .filter(({ length }) => length >= HONEST.shortest && length <= HONEST.longest);
  return {
    attacks: anywhere(attacks),
    "contextual attacks": textsOf(TOTALS["contextual attacks"]),
    benign: textsOf(TOTALS.benign),
    "hard benign": textsOf(TOTALS["hard benign"]),
    "short attacks": anywhere(short),
    "… mistyped": damaged(mistyped),
    "… with split words": damaged(split),
    "… buried in 3–8 kB, found there": short.map((row) => {
      const { text, start } = buried(row.text, around(row), seeded(seedOf(row.text)));
      return { text, span: { start, end: start + row.text.length } };
    }),
    ...byName(attacks, ({ lang }) => `attacks: ${lang}`, anywhere),
    ...byName(benign, ({ lang }) => `honest: ${lang}`, anywhere),
  };
}

function anywhere(rows: readonly Row[]): Sought[] {
  return rows.map(({ text }) => ({ text, span: null }));
}

function outcomeOf(group: readonly Sought[], scan: Scan): Outcome {
  const flagged = group
    .map(({ text, span }) => ({ result: scan(text), span }))
    .filter(({ result, span }) => {
      const threats = threatsIn(result);
      return span === null ? threats.length > 0 : overlapsAny(span, threats);
    });
  const blocked = flagged.filter(({ result }) => result.blocked);
  return { flagged: shareOf(flagged.length, group.length), blocked: shareOf(blocked.length, group.length) };
}

function atAlarms(rows: readonly Row[], score: (text: string) => number): LayerFigures["atAlarms"] {
  const honest = rows.filter(({ isPositive }) => !isPositive).map(({ text }) => score(text));
  const attacks = rows.filter(TOTALS.attacks).map(({ text }) => score(text));
  honest.sort((a, b) => b - a);
  return [0.01, 0.001].map((alarms) => {
    const highest = honest[Math.floor(honest.length * alarms)] ?? 0;
    const found = attacks.filter((each) => each > highest).length;
    return { alarms, score: highest, found: shareOf(found, attacks.length) };
  });
}
