// How many credentials are found, and how often something else is taken for one.
import type { Scanned } from "./evaluate.js";
import { dataIn, overlapsAny } from "./findings.js";
import { groupBy } from "./groups.js";
import { type Share, shareOf } from "./share.js";

export interface SecretFigures {
  /** Rows with a credential in which at least one labelled span was touched. */
  readonly found: Share;
  readonly bySource: Readonly<Record<string, Share>>;
  /** Rows without any credential, such as near misses and placeholders, in which one was reported. */
  readonly alarms: Share;
  /** The same for honest texts of the other files: documents, code and tool results; then what users write. */
  readonly alarmsInDocuments: Share;
  readonly alarmsInMessages: Share;
  readonly missed: readonly string[];
  readonly alarmed: readonly string[];
}

/** Reckons over the rows of the secrets files, and the alarms also over other honest texts. */
export function measureSecrets(secrets: readonly Scanned[], others: readonly Scanned[]): SecretFigures {
  const positive = secrets.filter(({ row }) => row.isPositive);
  const negative = secrets.filter(({ row }) => !row.isPositive);
  const benign = others.filter(({ row }) => !row.isPositive);
  return {
    found: shareWhere(positive, isFound),
    bySource: Object.fromEntries(
      groupBy(positive, ({ row }) => row.source).map(([source, rows]) => [source, shareWhere(rows, isFound)]),
    ),
    alarms: shareWhere(negative, hasSecret),
    alarmsInDocuments: shareWhere(
      benign.filter(({ row }) => !row.isDirect),
      hasSecret,
    ),
    alarmsInMessages: shareWhere(
      benign.filter(({ row }) => row.isDirect),
      hasSecret,
    ),
    missed: positive.filter((each) => !isFound(each)).map(({ row }) => row.id),
    alarmed: negative.filter(hasSecret).map(({ row }) => row.id),
  };
}

function shareWhere(scanned: readonly Scanned[], holds: (each: Scanned) => boolean): Share {
  return shareOf(scanned.filter(holds).length, scanned.length);
}

function isFound({ row, result }: Scanned): boolean {
  const secrets = dataIn(result, "secret_detection");
  return row.spans.some((span) => overlapsAny(span, secrets));
}

function hasSecret({ result }: Scanned): boolean {
  return dataIn(result, "secret_detection").length > 0;
}
