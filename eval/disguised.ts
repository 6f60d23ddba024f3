// How many attacks are still found when they are hidden, and what looking behind disguises costs in alarms.
import { DISGUISES } from "./disguises.js";
import type { Scan, Scanned } from "./evaluate.js";
import { threatsIn } from "./findings.js";
import { sample, seeded, seedOf } from "./random.js";
import type { Row } from "./rows.js";
import { type Share, shareOf } from "./share.js";

const SAMPLE = 400;
const SEED = 7;
/** Long texts hold several attacks; one of them would always show. */
const LONGEST = 2_000;

export interface DisguiseFigures {
  /** How many attacks were disguised. All of them are found when they are not. */
  readonly attacks: number;
  readonly found: Readonly<Record<string, { readonly flagged: Share; readonly blocked: Share }>>;
  /** Honest texts with a finding seen through each disguise, by the name in `via`: any finding, and threats. */
  readonly alarms: Readonly<Record<string, { readonly any: Share; readonly threats: Share }>>;
}

/** Disguises a sample of the attacks that are found in the open, in every way. */
export function measureDisguises(scanned: readonly Scanned[], scan: Scan): DisguiseFigures {
  const suitable = scanned
    .filter(({ row, result }) => isSuitable(row) && isSeenInTheOpen(result))
    .map(({ row }) => row);
  const attacks = sample(seeded(SEED), suitable, SAMPLE);
  const found = Object.entries(DISGUISES).map(([name, disguise]) => {
    const results = attacks.map(({ text }) => scan(disguise(text, seeded(seedOf(text)))));
    const flagged = results.filter((result) => threatsIn(result).length > 0);
    const blocked = flagged.filter((result) => result.blocked);
    return [
      name,
      { flagged: shareOf(flagged.length, attacks.length), blocked: shareOf(blocked.length, attacks.length) },
    ];
  });
  return { attacks: attacks.length, found: Object.fromEntries(found), alarms: alarmsByVia(scanned) };
}

/** English in ASCII, which every disguise can hide. */
function isSuitable({ isPositive, isContextual, isDirect, lang, text }: Row): boolean {
  return isPositive && !isContextual && isDirect && lang === "en" && text.length <= LONGEST && /^[\s!-~]+$/.test(text);
}

function isSeenInTheOpen(result: Scanned["result"]): boolean {
  return threatsIn(result).some(({ via }) => via.length === 0);
}

function alarmsByVia(scanned: readonly Scanned[]): DisguiseFigures["alarms"] {
  const benign = scanned.filter(({ row }) => !row.isPositive);
  const all = new Map<string, { any: number; threats: number }>();
  for (const { result } of benign) {
    const threats = namesIn(threatsIn(result));
    for (const name of namesIn(result.threatsDetected)) {
      const counts = all.get(name) ?? { any: 0, threats: 0 };
      all.set(name, { any: counts.any + 1, threats: counts.threats + (threats.has(name) ? 1 : 0) });
    }
  }
  return Object.fromEntries(
    [...all].map(([name, { any, threats }]) => [
      name,
      { any: shareOf(any, benign.length), threats: shareOf(threats, benign.length) },
    ]),
  );
}

function namesIn(findings: readonly { readonly via: readonly string[] }[]): ReadonlySet<string> {
  return new Set(findings.flatMap(({ via }) => via));
}
