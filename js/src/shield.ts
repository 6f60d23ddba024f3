import { nowMs } from "./clock.js";
import { debugLine } from "./debug-line.js";
import { Core } from "./engine.js";
import { fingerprintKey } from "./fingerprint-key.js";
import { Notices, printDebug } from "./notices.js";
import { resolveContext, resolveOptions, type ShieldOptions } from "./options.js";
import { redactText } from "./redact.js";
import { makeResult, type Outcome } from "./scan/result.js";
import { type Cause, scanContent } from "./scan/scan.js";
import type {
  Direction,
  FindingContext,
  RedactOptions,
  ScanContext,
  ScanResult,
  ShieldConfig,
  ShieldStats,
} from "./types.js";

const WARNINGS = {
  trap: "the scanner failed on a content and was restarted",
  work_limit: "a content was too intricate to be scanned in full",
  unreadable_content: "part of a content threw when it was read, and was not scanned",
  input_truncated: "a content was longer than `maxInputChars` or had too many values; its middle was not scanned",
} as const satisfies Record<Cause, string>;

/** What a scan comes to when no layer is on. */
const UNSCANNED: Outcome<Cause> = {
  findings: [],
  l1Result: "pass",
  riskScore: 0,
  layersExecuted: [],
  sanitizedContent: null,
  causes: [],
};

/**
 * Guards an agent: scans what goes in and what comes out, and redacts. Make one, at module scope, and keep it.
 *
 * Making one instantiates the core; it draws no randomness, opens no connection and starts no timer.
 */
export class Shield {
  readonly #options: ShieldOptions;
  readonly #core: Core;
  readonly #notices: Notices;
  readonly #stats = { scansTotal: 0, blocksTotal: 0, flagsTotal: 0, failOpenTotal: 0 };

  /**
   * @throws {ConfigurationError} when an option is unknown or ill-typed, or a custom pattern cannot be used
   * @throws {RuneError} `core_unavailable` when the runtime refuses the wasm
   */
  constructor(config?: ShieldConfig) {
    const options = resolveOptions(config);
    this.#options = options;
    this.#notices = new Notices(options);
    this.#core = new Core(() => fingerprintKey(options.apiKey), options.customPatterns);
  }

  /** Counters since this Shield was made; a snapshot. */
  get stats(): ShieldStats {
    return Object.freeze({ ...this.#stats });
  }

  /**
   * Scans what goes into a model: a string, an array of messages, or any JSON value, of which every string value is
   * scanned and the keys of objects are not.
   *
   * @throws {ContentError} when the content is nothing that text can be read from
   */
  scanInput(content: unknown, context?: ScanContext): ScanResult {
    return this.#scan(content, context, "input");
  }

  /**
   * Scans what a model says, where leaks and channels that carry data out matter most.
   *
   * @throws {ContentError} when the content is nothing that text can be read from
   */
  scanOutput(content: unknown, context?: ScanContext): ScanResult {
    return this.#scan(content, context, "output");
  }

  /**
   * The text with personal data and secrets replaced, or with what `patterns` names.
   *
   * @throws {ConfigurationError} when an option is ill-typed or a pattern unknown
   * @throws {ContentError} when the text is no string
   * @throws {RuneError} `core_failed` when the core fails; unredacted text is never returned
   */
  redact(text: string, options?: RedactOptions): string {
    return redactText(this.#core, text, options, () => this.#notices.warn("trap", WARNINGS.trap));
  }

  /** What `JSON.stringify` sees: no configuration, since that may hold an API key. */
  toJSON(): { stats: ShieldStats } {
    return { stats: this.stats };
  }

  #scan(content: unknown, context: ScanContext | undefined, direction: Direction): ScanResult {
    const startedMs = nowMs();
    const options = this.#options;
    const resolved = resolveContext(context, direction, options);
    const outcome = options.l1Enabled
      ? scanContent(this.#core, content, resolved.direction, options.maxInputChars)
      : UNSCANNED;
    const result = makeResult(outcome, options, nowMs() - startedMs);
    this.#record(result, outcome.causes, resolved);
    return result;
  }

  #record(result: ScanResult, causes: readonly Cause[], context: FindingContext): void {
    const stats = this.#stats;
    stats.scansTotal += 1;
    if (result.actionTaken === "block") stats.blocksTotal += 1;
    else if (result.actionTaken !== "allow") stats.flagsTotal += 1;
    if (result.failedOpen !== null) stats.failOpenTotal += 1;
    for (const cause of causes) this.#notices.warn(cause, WARNINGS[cause]);
    for (const finding of result.threatsDetected) this.#notices.finding(finding, context);
    if (this.#options.debug) printDebug(debugLine(result, context.direction));
  }
}
