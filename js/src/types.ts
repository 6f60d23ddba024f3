/** What kind of harm a finding points to. */
export type Category =
  | "prompt_injection"
  | "jailbreak"
  | "data_exfiltration"
  | "tool_abuse"
  | "pii_detection"
  | "secret_detection"
  | "anomaly";

/** How bad it is when a finding is true. */
export type Severity = "low" | "medium" | "high" | "critical";

/** A layer: `l1` patterns, `l2` similarity, `l3` judge. */
export type Layer = "l1" | "l2" | "l3";

/** What a layer says about a content. */
export type LayerResult = "pass" | "flag" | "block";

/** What was done about a content, from mild to strict. */
export type Action = "allow" | "log" | "alert" | "block";

/** Which way a content goes: into the model, or out of it. */
export type Direction = "input" | "output";

/** How a redacted span looks: `[REDACTED]`, `[SSN]`, `***-**-6789`, a keyed hash, or nothing at all. */
export type RedactStyle = "redacted" | "typed" | "mask" | "hash" | "remove";

/** One thing found in a text. It never carries the matched text. */
export interface Finding {
  /** The category. */
  readonly type: Category;
  readonly patternId: string;
  readonly severity: Severity;
  /** How sure the finding is, 0–1. */
  readonly score: number;
  readonly layer: Layer;
  /** Where it begins, in UTF-16 units: `text.slice(start, end)` is the matched source text. */
  readonly start: number;
  /** Where it ends, in UTF-16 units, exclusive. */
  readonly end: number;
  /** Where the text is inside the caller's value, such as `$[0].content`; null when the content was a string. */
  readonly path: string | null;
  /** A keyed 64-bit similarity hash of the matched window, 16 hexadecimal digits. */
  readonly fingerprint: string;
  /** How the match was hidden, such as `["zero_width"]`; empty when it stood there in the open. */
  readonly via: readonly string[];
  /** What was found, and so what. */
  readonly explanation: string;
}

/**
 * What a scan says: plain and frozen. What a logger sees of it holds no scanned text, but a finding's `path` may show a
 * key of the caller's object.
 */
export interface ScanResult {
  /** Whether the content must not be used. Always false in a dry run. */
  readonly blocked: boolean;
  /** All findings together, 0–1. */
  readonly riskScore: number;
  /** The category of the strongest finding; threats before personal data and secrets. */
  readonly threatType: Category | null;
  /** The explanation of the strongest finding, or why a scan that failed blocks. */
  readonly explanation: string | null;
  /** Milliseconds; may be 0 in workerd, whose clock moves only with I/O. */
  readonly scanLatencyMs: number;
  readonly piiDetected: boolean;
  readonly secretsDetected: boolean;
  readonly layersExecuted: readonly Layer[];
  readonly l1Result: LayerResult;
  readonly l2Result: LayerResult | null;
  readonly l3Result: LayerResult | null;
  /**
   * The content with the findings replaced by `[REDACTED]`, as JSON text when the content was no string; null when
   * nothing was found. Not enumerable, so that `JSON.stringify`, spread and loggers leave it out.
   */
  readonly sanitizedContent: string | null;
  readonly threatsDetected: readonly Finding[];
  readonly actionTaken: Action;
  /** Why something that should have been scanned was not, such as `input_truncated`; null when all went well. */
  readonly failedOpen: string | null;
  /** Whether this was a dry run: then `actionTaken` says what would have been done. */
  readonly dryRun: boolean;
}

/** What the caller knows about one scan; all of it is local and handed to `onFinding`. */
export interface ScanContext {
  readonly agentId?: string | undefined;
  readonly agentTags?: readonly string[] | undefined;
  readonly sessionId?: string | undefined;
  /** Where the content comes from, in the caller's own words. */
  readonly source?: string | undefined;
  /** Overrides the direction that the method stands for. */
  readonly direction?: Direction | undefined;
}

/** What `onFinding` is told about the scan a finding comes from. */
export interface FindingContext {
  readonly agentId: string | null;
  readonly agentTags: readonly string[];
  readonly sessionId: string | null;
  readonly source: string | null;
  readonly direction: Direction;
}

/** Something the Shield could not do, told once per cause. */
export interface Warning {
  /** A stable word, such as `trap` or `input_truncated`. */
  readonly cause: string;
  readonly message: string;
}

/** Options of `redact`. */
export interface RedactOptions {
  /** Default `"redacted"`. */
  readonly style?: RedactStyle | undefined;
  /** Pattern ids; an id covers its variants, and `*` stands for anything. Default: all personal data and secrets. */
  readonly patterns?: readonly string[] | undefined;
}

/** Counters since the Shield was made. */
export interface ShieldStats {
  readonly scansTotal: number;
  /** Scans that blocked, or would have in a dry run. */
  readonly blocksTotal: number;
  /** Scans that found something and did not block. */
  readonly flagsTotal: number;
  /** Scans whose `failedOpen` is set, whatever `onError` made of it. */
  readonly failOpenTotal: number;
}

/** What `new Shield()` takes. Every field is optional. */
export interface ShieldConfig {
  /** Makes fingerprints equal across the processes of one organisation. Default: `RUNE_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Whether patterns are matched. Default true. */
  readonly l1Enabled?: boolean | undefined;
  /** Pattern files (YAML texts) to look for beside the built-in patterns, at most 1,000. CONTRIBUTING.md has the format. */
  readonly customPatterns?: readonly string[] | undefined;
  /** UTF-16 units, 2 or more, default 1 000 000. Of a longer content the first and the last half of it are scanned. */
  readonly maxInputChars?: number | undefined;
  /** Whether a scan that fails lets the content through or blocks it. Default `"open"`. */
  readonly onError?: "open" | "closed" | undefined;
  /** Records everything and blocks nothing. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Default: `RUNE_AGENT_ID`. */
  readonly defaultAgentId?: string | undefined;
  /** Default: `RUNE_AGENT_TAGS`, separated by commas. */
  readonly defaultAgentTags?: readonly string[] | undefined;
  /** Prints one line per scan, without any scanned text. Default: `RUNE_DEBUG`. */
  readonly debug?: boolean | undefined;
  /** Called for each finding. What it throws is reported as a warning and stops nothing. */
  readonly onFinding?: ((finding: Finding, context: FindingContext) => void) | undefined;
  /** Called once per cause; default: `console.warn`. */
  readonly onWarning?: ((warning: Warning) => void) | undefined;
}
