import { JUDGE_WARNINGS, type JudgeCause } from "./judging/ask.js";
import type { PolicyCause } from "./policies/decide.js";
import type { Consequences } from "./policies/policies.js";
import type { Outcome } from "./scan/result.js";
import type { Cause } from "./scan/scan.js";

/** Why not all of a content was scanned or judged. */
export type AnyCause = Cause | JudgeCause | PolicyCause;

/** What is said about each, once. */
export const WARNINGS: Readonly<Record<AnyCause, string>> = {
  ...JUDGE_WARNINGS,
  trap: "the scanner failed on a content and was restarted",
  work_limit: "a content was too intricate to be scanned in full",
  scan_timeout: "the scan of a content took longer than `scanTimeoutMs`, and was ended",
  unreadable_content: "part of a content threw when it was read, and was not scanned",
  input_truncated: "a content was longer than `maxInputChars` or had too many values; its middle was not scanned",
  policy_sync:
    "no policies have arrived from the server yet; await `shield.ready()`, and in a Worker pass `waitUntil` to its calls",
  l2_unavailable: "the L2 model cannot be used, and contents are scanned without it",
  l2_loading: "a content was scanned before the L2 model had arrived; `await shield.ready()` waits for it",
  rate_limit_store: "the store of rate limits failed or is full, and calls went uncounted",
};
/** Why not all was scanned or judged, the gravest first. */
export function allCauses(
  { causes }: Outcome<AnyCause>,
  { isTrapped }: Consequences,
  missing: "policy_sync" | null,
): readonly AnyCause[] {
  const all = isTrapped && !causes.includes("trap") ? (["trap", ...causes] as const) : causes;
  return missing === null ? all : [...all, missing];
}
