// Turns the figures into tables.
import type { Evaluation } from "./evaluate.js";
import type { LayerFigures } from "./layers.js";
import type { NumberFigures } from "./numbers.js";
import type { PiiFigures } from "./pii.js";
import type { ProviderFigures, ProviderShare } from "./providers.js";
import type { SecretFigures } from "./secrets.js";
import type { Share } from "./share.js";
import { bare, percent, table } from "./table.js";
import type { Group, ThreatFigures } from "./threats.js";

/** Writes all tables, line by line. */
export function print(evaluation: Evaluation, write: (line: string) => void): void {
  for (const line of lines(evaluation)) write(line);
}

function lines({
  rows,
  leftOut,
  threats,
  secrets,
  providers,
  pii,
  numbers,
  disguises,
  layers,
  failedOpen,
}: Evaluation): string[] {
  return [
    `\n  ${rows} texts${leftOut > 0 ? `; ${leftOut} with other labels left out` : ""}`,
    "  in brackets: where 95 % of bootstrap resamples of the rows lie",
    ...(threats === null ? [] : threatTables(threats)),
    ...(layers === null ? [] : layerTables(layers)),
    ...(secrets === null ? [] : secretTable(secrets)),
    ...(providers === null ? [] : providerTables(providers)),
    ...(pii === null ? [] : piiTable(pii)),
    ...(numbers === null ? [] : numberTables(numbers)),
    ...(disguises === null ? [] : disguiseTables(disguises)),
    ...failureTable(failedOpen),
  ];
}

function failureTable(failedOpen: Evaluation["failedOpen"]): string[] {
  const failures = Object.entries(failedOpen);
  if (failures.length === 0) return ["", "No scan failed open"];
  const rows = failures.map(([reason, ids]) => [reason, String(ids.length), ids.slice(0, 3).join(", ")]);
  return table("Scans that failed open", [["", "texts", "the first of them"], ...rows]);
}

function threatTables(threats: ThreatFigures): string[] {
  return [
    ...table("Threats (attacks: found; honest texts: alarms)", [
      ["", "texts", "reported", "blocked"],
      ...Object.entries(threats.totals).map(([name, { flagged, blocked }]) => [
        name,
        String(flagged.of),
        percent(flagged),
        percent(blocked),
      ]),
    ]),
    ...groupTable("By category", threats.byCategory),
    ...groupTable("By source", threats.bySource),
    ...groupTable("By language", threats.byLanguage),
  ];
}

function layerTables({ groups, atAlarms }: LayerFigures): string[] {
  const names = Object.keys(Object.values(groups)[0] ?? {});
  return [
    ...table("Layers (reported, and blocked)", [
      ["", "texts", ...names.flatMap((name) => [name, "blocked"])],
      ...Object.entries(groups).map(([name, byLayer]) => [
        name,
        String(Object.values(byLayer)[0]?.flagged.of ?? 0),
        ...Object.values(byLayer).flatMap(({ flagged, blocked }) => [percent(flagged), bare(blocked)]),
      ]),
    ]),
    ...table("L2 at a threshold that this share of these honest texts reaches", [
      ["", "its score", "attacks found"],
      ...atAlarms.map(({ alarms, score, found }) => [`${alarms * 100} %`, score.toFixed(3), percent(found)]),
    ]),
  ];
}

function groupTable(title: string, groups: readonly Group[]): string[] {
  return table(title, [
    ["", "attacks", "found", "blocked", "honest", "alarms", "blocked"],
    ...groups.map(({ name, attacks, benign }) => [
      name,
      String(attacks.flagged.of),
      percent(attacks.flagged),
      bare(attacks.blocked),
      String(benign.flagged.of),
      percent(benign.flagged),
      bare(benign.blocked),
    ]),
  ]);
}

function secretTable(secrets: SecretFigures): string[] {
  return shareTable("Secrets", {
    "found (a labelled span was touched; any where none is)": secrets.found,
    ...indented(secrets.bySource),
    "near misses and placeholders taken for a known credential": secrets.alarms,
    "near misses and placeholders with any credential found": secrets.alarmsOfAnyKind,
    "alarms on honest documents and code": secrets.alarmsInDocuments,
    "… told by their form": secrets.alarmsInDocumentsByForm,
    "alarms on honest messages": secrets.alarmsInMessages,
  });
}

function providerTables({ total, byProvider, byContext }: ProviderFigures): string[] {
  const rows = (shares: Readonly<Record<string, ProviderShare>>) => [
    ["", "texts", "found", "by its own form"],
    ...Object.entries(shares).map(([name, { found, byForm }]) => [
      name,
      String(found.of),
      percent(found),
      bare(byForm),
    ]),
  ];
  return [
    ...table("Made-up credentials in the forms that providers issue", rows({ all: total, ...byProvider })),
    ...table("The same by where they stand", rows(byContext)),
  ];
}

function piiTable(pii: PiiFigures): string[] {
  return [
    ...shareTable("Personal data (labelled spans that a finding touched)", {
      "structured kinds": pii.structured,
      ...indented(pii.byKind),
      "near misses taken for what they resemble": pii.nearMissAlarms,
      "near misses with any personal data found": pii.nearMissAlarmsOfAnyKind,
      "alarms on other texts without personal data": pii.alarms,
    }),
    ...shareTable("Personal data that takes a language model, for comparison", pii.others),
  ];
}

function numberTables({ found, byWriting, alarms, alarmsBySort }: NumberFigures): string[] {
  return [
    ...shareTable("Made-up personal numbers beside their names, found as a whole", {
      all: found,
      ...indented(byWriting),
    }),
    ...shareTable("Made-up numbers that are nobody's, taken for personal data", {
      all: alarms,
      ...indented(alarmsBySort),
    }),
  ];
}

function disguiseTables({ attacks, found, alarms }: NonNullable<Evaluation["disguises"]>): string[] {
  return [
    ...table(`Disguises (${attacks} attacks that are found in the open)`, [
      ["", "still found", "blocked"],
      ...Object.entries(found).map(([name, { flagged, blocked }]) => [name, percent(flagged), bare(blocked)]),
    ]),
    ...table("Honest texts with a finding seen through a disguise, by its name in `via`", [
      ["", "any finding", "threats"],
      ...Object.entries(alarms).map(([name, { any, threats }]) => [name, percent(any), percent(threats)]),
    ]),
  ];
}

function shareTable(title: string, shares: Readonly<Record<string, Share>>): string[] {
  const rows = Object.entries(shares).map(([name, share]) => [name, `${share.hits} of ${share.of}`, percent(share)]);
  return table(title, [["", "", "share"], ...rows]);
}

function indented(shares: Readonly<Record<string, Share>>): Record<string, Share> {
  return Object.fromEntries(Object.entries(shares).map(([name, share]) => [`… ${name}`, share]));
}
