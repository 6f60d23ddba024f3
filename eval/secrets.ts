// How many credentials are found, and how often something else is taken for one.
import type { Scanned } from "./evaluate.js";
import { dataIn, overlapsAny } from "./findings.js";
import { byName } from "./groups.js";
import { type Share, shareOf } from "./share.js";

export interface SecretFigures {
  /** Rows with a credential in which a labelled span was touched or, where none is labelled, any credential was found. */
  readonly found: Share;
  readonly bySource: Readonly<Record<string, Share>>;
  /** Rows without a credential of the kind they resemble, and placeholders, in which one was told by its form. */
  readonly alarms: Share;
  /** … or anything was: what has not the form of a service's key may still be assigned to `api_key`. */
  readonly alarmsOfAnyKind: Share;
  /** The same for honest texts of the other files: documents, code and tool results; then what users write. */
  readonly alarmsInDocuments: Share;
  /** The part of them that was told by its form. The rest are values of `password` and the like, which may be real. */
  readonly alarmsInDocumentsByForm: Share;
  readonly alarmsInMessages: Share;
  readonly missed: readonly string[];
  readonly alarmed: readonly string[];
}

/** Reckons over the rows of the secrets files, and the alarms also over other honest texts. */
export function measureSecrets(secrets: readonly Scanned[], others: readonly Scanned[]): SecretFigures {
  const positive = secrets.filter(({ row }) => row.isPositive);
  const negative = secrets.filter(({ row }) => !row.isPositive);
  const benign = others.filter(({ row }) => !row.isPositive);
  const documents = benign.filter(({ row }) => !row.isDirect);
  return {
    found: shareWhere(positive, isFound),
    bySource: byName(
      positive,
      ({ row }) => row.source,
      (rows) => shareWhere(rows, isFound),
    ),
    alarms: shareWhere(negative, hasSecretByForm),
    alarmsOfAnyKind: shareWhere(negative, hasSecret),
    alarmsInDocuments: shareWhere(documents, hasSecret),
    alarmsInDocumentsByForm: shareWhere(documents, hasSecretByForm),
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
  return row.spans.length === 0 ? secrets.length > 0 : row.spans.some((span) => overlapsAny(span, secrets));
}

function hasSecret({ result }: Scanned): boolean {
  return dataIn(result, "secret_detection").length > 0;
}

/** Whether a credential was told by its form, and not only by the words around it. */
function hasSecretByForm({ result }: Scanned): boolean {
  return dataIn(result, "secret_detection").some(({ patternId }) => !patternId.startsWith("generic_"));
}
