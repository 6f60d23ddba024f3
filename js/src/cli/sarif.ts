import type { Finding } from "@runesec/scanner";
import { positionsIn } from "./excerpt.js";
import type { Scan } from "./report.js";

/** A log in the Static Analysis Results Interchange Format 2.1.0 (OASIS), which code hosts show beside the lines. */
export interface SarifLog {
  readonly $schema: string;
  readonly version: "2.1.0";
  readonly runs: readonly object[];
}

/** What SARIF says of one file: its results, the rules of these, and whether all of it was scanned. */
export interface SarifPart {
  readonly rules: readonly { readonly id: string }[];
  readonly results: readonly object[];
  readonly notifications: readonly object[];
}

const LEVELS = { critical: "error", high: "error", medium: "warning", low: "note" } as const satisfies Record<
  Finding["severity"],
  string
>;

/** The results of a scan. Nothing of the text is in them. */
export function sarifPart({ file, text, result }: Scan): SarifPart {
  const positionOf = positionsIn(text);
  const artifactLocation = { uri: encodeURI(file.replaceAll("\\", "/")) };
  const resultOf = (finding: Finding): object => {
    const [start, end] = [positionOf(finding.start), positionOf(finding.end)];
    const region = {
      startLine: start.line,
      startColumn: start.column,
      endLine: end.line,
      endColumn: end.column,
      charOffset: finding.start,
      charLength: finding.end - finding.start,
    };
    return {
      ruleId: finding.patternId,
      level: LEVELS[finding.severity],
      message: { text: finding.explanation },
      locations: [{ physicalLocation: { artifactLocation, region } }],
      partialFingerprints: { "runesec/v1": finding.fingerprint },
      rank: Math.round(finding.score * 100),
    };
  };
  const message = { text: `not scanned in full: ${result.failedOpen}` };
  const locations = [{ physicalLocation: { artifactLocation } }];
  return {
    rules: result.threatsDetected.map(({ patternId, type, explanation }) => ({
      id: patternId,
      shortDescription: { text: explanation },
      properties: { tags: ["security", type] },
    })),
    results: result.threatsDetected.map(resultOf),
    notifications: result.failedOpen === null ? [] : [{ level: "warning", message, locations }],
  };
}

/** One log of all files. */
export function sarifLog(parts: readonly SarifPart[], hasFailed: boolean): SarifLog {
  const rules = new Map(parts.flatMap((part) => part.rules).map((rule) => [rule.id, rule]));
  const driver = {
    name: "@runesec/scanner",
    informationUri: "https://www.npmjs.com/package/@runesec/scanner",
    rules: [...rules.values()],
  };
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: !hasFailed,
            toolExecutionNotifications: parts.flatMap(({ notifications }) => notifications),
          },
        ],
        results: parts.flatMap(({ results }) => results),
      },
    ],
  };
}
