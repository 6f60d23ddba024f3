// How much personal data is found, by kind, and how often a near miss is taken for it.
import type { Scanned } from "./evaluate.js";
import { dataIn, overlapsAny } from "./findings.js";
import { byName, groupBy } from "./groups.js";
import { type Count, type Share, shareOf, shareOfCounts } from "./share.js";

export interface PiiFigures {
  /** Spans of all structured kinds that were touched by a finding. */
  readonly structured: Share;
  readonly byKind: Readonly<Record<string, Share>>;
  /** Names, places, dates: nothing that a pattern promises, shown by type. */
  readonly others: Readonly<Record<string, Share>>;
  /** Near misses in which the kind that they resemble was found; then those in which any personal data was. */
  readonly nearMissAlarms: Share;
  readonly nearMissAlarmsOfAnyKind: Share;
  /** Texts without personal data, near misses left aside, in which some was found. */
  readonly alarms: Share;
  readonly missed: readonly string[];
  readonly alarmed: readonly string[];
}

/**
 * Kinds with a structure, by the words in their names. Labels and pattern ids are named alike, but for upper case and
 * an `us_` or `_number` here and there. The first that fits counts.
 */
const KINDS: readonly (readonly [kind: string | null, name: RegExp])[] = [
  [null, /security_code|cvv|zip|plz|postcode|street|^address|location/],
  ["email", /e?mail/],
  ["phone", /phone|mobile/],
  ["credit_card", /credit_?card|card_number/],
  ["iban", /iban/],
  ["ip_address", /^ip(v[46])?(_address)?\b/],
  ["mac_address", /^mac(_address)?\b/],
  ["ssn", /^(us_)?ssn\b/],
  ["passport", /passport/],
  ["driver_license", /driv(er|ing)\w*licen[cs]e/],
  ["date_of_birth", /birth|dob/],
  ["bank_account", /bban|bic|routing|bank_account|sort_code/],
  // What is left of names that begin with a country: numbers that a state gives to people, firms and cars.
  ["national_id", /^[a-z]{2}_|national|nin\b|tax_id|medical_license/],
];

/** The structured kind that a label names; null for what takes a language model. */
export function kindOf(name: string): string | null {
  return KINDS.find(([, pattern]) => pattern.test(name.toLowerCase()))?.[0] ?? null;
}

/** The kind that a pattern finds. One that is named after nothing else finds the numbers of some state. */
export function kindOfPattern(id: string): string | null {
  return id.startsWith("street_address") ? null : (kindOf(id) ?? "national_id");
}

/** Reckons over the rows of the files with personal data. */
export function measurePii(scanned: readonly Scanned[]): PiiFigures {
  const spans = scanned.flatMap(spansOf);
  const structured = spans.filter(({ kind }) => kind !== null);
  const nearMisses = scanned.filter(({ row }) => row.nearMissOf !== null);
  const clean = scanned.filter(({ row }) => !row.isPositive && row.nearMissOf === null);
  return {
    structured: share(structured),
    byKind: shares(structured, ({ kind }) => kind ?? ""),
    others: shares(
      spans.filter(({ kind }) => kind === null),
      ({ type }) => type.toLowerCase(),
    ),
    nearMissAlarms: shareOf(nearMisses.filter(isTakenForIt).length, nearMisses.length),
    nearMissAlarmsOfAnyKind: shareOf(nearMisses.filter(hasPii).length, nearMisses.length),
    alarms: shareOf(clean.filter(hasPii).length, clean.length),
    missed: [...new Set(structured.filter(({ isFound }) => !isFound).map(({ id }) => id))],
    alarmed: [...nearMisses.filter(isTakenForIt), ...clean.filter(hasPii)].map(({ row }) => row.id),
  };
}

interface ScannedSpan {
  readonly id: string;
  /** Tells rows apart: ids may not. */
  readonly row: number;
  readonly type: string;
  readonly kind: string | null;
  readonly isFound: boolean;
}

/** Each labelled span, found if redaction would touch it: under which name it was found does not matter. */
function spansOf({ row, result }: Scanned, index: number): ScannedSpan[] {
  const findings = dataIn(result, "pii_detection", "secret_detection");
  return row.spans.map((span) => ({
    id: row.id,
    row: index,
    type: span.type,
    kind: kindOf(span.type),
    isFound: overlapsAny(span, findings),
  }));
}

/** The share of spans that were found; the spans of one row belong together. */
function share(spans: readonly ScannedSpan[]): Share {
  const rows = groupBy(spans, ({ row }) => String(row));
  return shareOfCounts(
    rows.map(([, of]): Count => ({ hits: of.filter(({ isFound }) => isFound).length, of: of.length })),
  );
}

function shares(spans: readonly ScannedSpan[], nameOf: (span: ScannedSpan) => string): Record<string, Share> {
  return byName(spans, nameOf, share);
}

function isTakenForIt({ row, result }: Scanned): boolean {
  const kind = kindOf(row.nearMissOf ?? "");
  return kind !== null && dataIn(result, "pii_detection").some(({ patternId }) => kindOfPattern(patternId) === kind);
}

function hasPii({ result }: Scanned): boolean {
  return dataIn(result, "pii_detection").length > 0;
}
