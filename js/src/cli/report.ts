import type { Finding, ScanResult } from "@runesec/scanner";
import { excerptOf, type Position, positionsIn } from "./excerpt.js";
import type { Colour, Paint } from "./paint.js";

/** One file and what the scan said. */
export interface Scan {
  readonly file: string;
  readonly text: string;
  readonly result: ScanResult;
}

/** How a text report looks. */
export interface TextStyle {
  readonly paint: Paint;
  /** Whether the lines in which something was found are shown. */
  readonly showsText: boolean;
  /** Columns. */
  readonly width: number;
}

const ACTION_COLOURS = { allow: "green", log: "yellow", alert: "yellow", block: "red" } as const satisfies Record<
  ScanResult["actionTaken"],
  Colour
>;
const INDENT = "    ";

/** A report for people. */
export function textReport(scan: Scan, style: TextStyle): string {
  const { file, text, result } = scan;
  const positionOf = positionsIn(text);
  const verdict = style.paint(result.actionTaken, ACTION_COLOURS[result.actionTaken]);
  const count = result.threatsDetected.length;
  const facts = [verdict, `risk ${result.riskScore.toFixed(2)}`, count === 1 ? "1 finding" : `${count} findings`];
  if (result.failedOpen !== null) facts.push(`not scanned in full: ${result.failedOpen}`);
  return [
    `${style.paint(file, "bold")}: ${facts.join(", ")}`,
    ...result.threatsDetected.map((finding) => findingLines(scan, finding, positionOf(finding.start), style)),
    "",
  ].join("\n");
}

function findingLines({ file, text }: Scan, finding: Finding, { line, column }: Position, style: TextStyle): string {
  const { paint, showsText, width } = style;
  const via = finding.via.length > 0 ? `, via ${finding.via.join(", ")}` : "";
  const lines = [
    `  ${file}:${line}:${column}: ${paint(finding.patternId, "bold")} (${finding.type}), ${finding.severity}, score ${finding.score.toFixed(2)}${via}`,
  ];
  if (showsText) {
    const { shown, underline } = excerptOf(text, finding.start, finding.end, width - INDENT.length);
    lines.push(`${INDENT}${shown}`, `${INDENT}${paint(underline, "red")}`);
  }
  lines.push(...wrap(finding.explanation, width - INDENT.length).map((each) => `${INDENT}${paint(each, "dim")}`));
  return lines.join("\n");
}

/** What a report for programs says of a file. Its text is not in it. */
export function jsonPart({ file, text, result }: Scan): { readonly file: string } & ScanResult {
  const positionOf = positionsIn(text);
  const threatsDetected = result.threatsDetected.map((finding) => ({ ...finding, ...positionOf(finding.start) }));
  return { file, ...result, threatsDetected };
}

/** Breaks a text between words into lines of at most `width` columns. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}
