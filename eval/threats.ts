// How many attacks are found, and how many honest texts raise an alarm.
import type { Scanned } from "./evaluate.js";
import { threatsIn } from "./findings.js";
import { groupBy } from "./groups.js";
import type { Row } from "./rows.js";
import { type Share, shareOf } from "./share.js";

/** What happened to the rows of one group. */
export interface Outcome {
  /** At least one threat was reported. */
  readonly flagged: Share;
  /** … and the text was blocked. */
  readonly blocked: Share;
}

/** Attacks and honest texts of the same source, language or kind. Contextual attacks are not among them. */
export interface Group {
  readonly name: string;
  readonly attacks: Outcome;
  readonly benign: Outcome;
}

export interface ThreatFigures {
  readonly totals: Readonly<Record<string, Outcome>>;
  readonly byCategory: readonly Group[];
  readonly bySubtype: readonly Group[];
  readonly bySource: readonly Group[];
  readonly byLanguage: readonly Group[];
  /** Ids of the attacks in which nothing was found. */
  readonly missed: readonly string[];
  /** Ids of the honest texts in which something was found, with the patterns that did. */
  readonly alarms: Readonly<Record<string, readonly string[]>>;
}

type Total = "attacks" | "direct attacks" | "indirect attacks" | "contextual attacks" | "benign" | "hard benign";

/** Which rows each line of the totals counts. A contextual attack is in none but its own. */
export const TOTALS: Readonly<Record<Total, (row: Row) => boolean>> = {
  attacks: (row) => row.isPositive && !row.isContextual,
  "direct attacks": (row) => row.isPositive && !row.isContextual && row.isDirect,
  "indirect attacks": (row) => row.isPositive && !row.isContextual && !row.isDirect,
  "contextual attacks": (row) => row.isPositive && row.isContextual,
  benign: (row) => !row.isPositive && !isHard(row),
  "hard benign": (row) => !row.isPositive && isHard(row),
};

/** Reckons all of it. */
export function measureThreats(scanned: readonly Scanned[]): ThreatFigures {
  const plain = scanned.filter(({ row }) => !row.isContextual);
  const isFound = ({ result }: Scanned) => threatsIn(result).length > 0;
  return {
    totals: Object.fromEntries(
      Object.entries(TOTALS).map(([name, counts]) => [name, outcome(scanned.filter(({ row }) => counts(row)))]),
    ),
    byCategory: groups(plain, (row) => row.category),
    bySubtype: groups(plain, (row) => `${row.category}: ${row.subtype || "-"}`),
    bySource: groups(plain, (row) => row.source),
    byLanguage: groups(plain, (row) => row.lang),
    missed: plain.filter((each) => each.row.isPositive && !isFound(each)).map(({ row }) => row.id),
    alarms: Object.fromEntries(
      plain
        .filter((each) => !each.row.isPositive && isFound(each))
        .map(({ row, result }) => [row.id, threatsIn(result).map(({ patternId }) => patternId)]),
    ),
  };
}

/** Whether an honest text is about attacks, or looks like one. */
export function isHard(row: Row): boolean {
  return row.category === "benign_hard" || row.subtype === "security_doc";
}

function groups(scanned: readonly Scanned[], nameOf: (row: Row) => string): Group[] {
  return groupBy(scanned, ({ row }) => nameOf(row)).map(([name, members]) => ({
    name,
    attacks: outcome(members.filter(({ row }) => row.isPositive)),
    benign: outcome(members.filter(({ row }) => !row.isPositive)),
  }));
}

function outcome(scanned: readonly Scanned[]): Outcome {
  const found = scanned.filter(({ result }) => threatsIn(result).length > 0);
  const blocked = found.filter(({ result }) => result.blocked);
  return { flagged: shareOf(found.length, scanned.length), blocked: shareOf(blocked.length, scanned.length) };
}
