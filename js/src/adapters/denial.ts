import { blockingReason, denialBy } from "../errors.js";
import type { Denial, PolicyResult, ScanResult } from "../types.js";

/** What is told instead of a content that blocks. */
export function scanDenial({ violations, threatType, failedOpen }: ScanResult, where: string): Denial {
  const violation = violations.find(({ action }) => action === "block");
  const kind = violation?.kind ?? threatType ?? failedOpen ?? "unknown";
  const by = violation === undefined || violation.rule === null ? "" : ` (\`${violation.policy}/${violation.rule}\`)`;
  return denialBy(violations, { kind, message: `${kind} in ${where}${by}` });
}

/** What is told instead of the result of a call that blocks. */
export function callDenial({ violations, failedOpen }: PolicyResult): Denial {
  const kind = failedOpen ?? "unknown";
  return denialBy(violations, blockingReason(violations) ?? { kind, message: kind });
}

/** What a person or a model reads in the place of what was withheld. */
export function denialText({ message }: Denial): string {
  return `Blocked: ${message}.`;
}
