// The order of the measurements, and nothing else.
import type { ScanResult } from "@runesec/scanner";
import { type DisguiseFigures, measureDisguises } from "./disguised.js";
import { type LayerFigures, type Layers, measureLayers } from "./layers.js";
import { measureNumbers, type NumberFigures } from "./numbers.js";
import { measurePii, type PiiFigures } from "./pii.js";
import { measureProviders, type ProviderFigures } from "./providers.js";
import type { Data, Detector, Row } from "./rows.js";
import { measureSecrets, type SecretFigures } from "./secrets.js";
import { measureThreats, type ThreatFigures } from "./threats.js";

/** What is measured: the same call, without context, for every text. */
export type Scan = (text: string) => ScanResult;

/** A row and what the scan of it found. */
export interface Scanned {
  readonly row: Row;
  readonly result: ScanResult;
}

/** All figures. Parts that a folder has no rows for are null. */
export interface Evaluation {
  readonly rows: number;
  readonly leftOut: number;
  /** Reasons why scans were not complete, with the rows. */
  readonly failedOpen: Readonly<Record<string, readonly string[]>>;
  readonly threats: ThreatFigures | null;
  readonly secrets: SecretFigures | null;
  readonly providers: ProviderFigures | null;
  readonly pii: PiiFigures | null;
  readonly numbers: NumberFigures | null;
  readonly disguises: DisguiseFigures | null;
  readonly layers: LayerFigures | null;
}

/** Scans all rows and reckons. */
export function evaluate({ rows, leftOut }: Data, scan: Scan, layers: Layers | null = null): Evaluation {
  const scanned = rows.map((row) => ({ row, result: scan(row.text) }));
  const of = (detector: Detector) => scanned.filter(({ row }) => row.detector === detector);
  return {
    rows: rows.length,
    leftOut,
    failedOpen: failures(scanned),
    threats: ifAny(of("threats"), measureThreats),
    secrets: ifAny(of("secrets"), (secrets) => measureSecrets(secrets, of("threats"))),
    providers: ifAny(of("secrets"), () => measureProviders(scan)),
    pii: ifAny(of("pii"), measurePii),
    numbers: ifAny(of("pii"), () => measureNumbers(scan)),
    disguises: ifAny(of("threats"), (threats) => measureDisguises(threats, scan)),
    layers:
      layers &&
      ifAny(of("threats"), (threats) =>
        measureLayers(
          threats.map(({ row }) => row),
          layers,
        ),
      ),
  };
}

function ifAny<T>(scanned: readonly Scanned[], measure: (scanned: readonly Scanned[]) => T): T | null {
  return scanned.length > 0 ? measure(scanned) : null;
}

function failures(scanned: readonly Scanned[]): Record<string, string[]> {
  const rows: Record<string, string[]> = {};
  for (const { row, result } of scanned) {
    if (result.failedOpen === null) continue;
    rows[result.failedOpen] ??= [];
    rows[result.failedOpen]?.push(row.id);
  }
  return rows;
}
