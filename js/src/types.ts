import type { RuneEvent } from "./events/event.js";
import type { Judge } from "./judge/judge.js";
import type { RateLimitStore } from "./rate-limits/store.js";

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

/** What a rule can ask for, from mild to strict. */
export type PolicyAction = "log" | "alert" | "block";

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
  /** The layer that found it; null for an anomaly, which is found in how an agent behaves. */
  readonly layer: Layer | null;
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
  /** The policy rules that fired, strictest first. */
  readonly violations: readonly Violation[];
  /** The strictest that rules ask for; what the layers say where no rule speaks about a category. */
  readonly actionTaken: Action;
  /** Why something that should have been scanned was not, such as `input_truncated`; null when all went well. */
  readonly failedOpen: string | null;
  /** Whether this was a dry run: then `actionTaken` says what would have been done. */
  readonly dryRun: boolean;
}

/** A rule that fired, or a finding that no rule speaks about. */
export interface Violation {
  /** The document of the rule; null when no rule fired. */
  readonly policy: string | null;
  /** The rule; null when it is the layers' own verdict. */
  readonly rule: string | null;
  /** The rule's type, or the category of what was found. */
  readonly kind: string;
  readonly action: PolicyAction;
  readonly severity: Severity;
  /** What happened, for people and models. It holds nothing of the call or the text. */
  readonly message: string;
  /** For rate limits: milliseconds after which the call would pass. */
  readonly retryAfterMs?: number;
}

/** What an agent is about to do. */
export interface ToolAction {
  /** Default: the Shield's `defaultAgentId`. */
  readonly agentId?: string | undefined;
  /** Default: the Shield's `defaultAgentTags`. */
  readonly agentTags?: readonly string[] | undefined;
  /** Calls without one are one session for each agent. */
  readonly sessionId?: string | undefined;
  /** The tool's name. */
  readonly action: string;
  /** The tool's arguments; their texts are scanned as input. */
  readonly params?: unknown;
  /** Restricts evaluation to these documents and rules (`document/rule`). Default: all. */
  readonly policies?: readonly string[] | undefined;
  /** Keeps a Worker going until the event is delivered: `(promise) => ctx.waitUntil(promise)`. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/** What the policies say about an action: plain and frozen, and nothing of the action's arguments is in it. */
export interface PolicyResult {
  /** Whether the action may run. Always true in a dry run. */
  readonly allowed: boolean;
  readonly blocked: boolean;
  /** What fired, strictest first. */
  readonly violations: readonly Violation[];
  /** The rules that took part, as `document/rule`. */
  readonly evaluatedPolicies: readonly string[];
  /** The strictest that fired. */
  readonly actionTaken: Action;
  /** Milliseconds, the scan of the arguments not counted; may be 0 in workerd, whose clock moves only with I/O. */
  readonly policyLatencyMs: number;
  /** Why something that should have been checked was not, such as `rate_limit_store`; null when all went well. */
  readonly failedOpen: string | null;
  /** Whether this was a dry run: then `actionTaken` says what would have been done. */
  readonly dryRun: boolean;
}

/** How the caller of a protected function learns that it was blocked. */
export type OnBlock = "raise" | "log" | "alert";

/** What a model may be told instead of the result of a call that was blocked. */
export interface Denial {
  readonly denied: true;
  /** The kind of the rule, or the category of what was found. */
  readonly reason: string;
  readonly message: string;
  /** Whether the same call would pass later. */
  readonly retryable: boolean;
  /** Milliseconds; null when waiting does not help. */
  readonly retryAfterMs: number | null;
}

/** How a function is protected. */
export interface ProtectOptions {
  /** What policies call the tool, or a function of the arguments that says so. Default: the function's name. */
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are those of a function that comes later
  readonly action?: string | ((...args: any[]) => string) | undefined;
  /** The arguments as policies see them. Default: the only one if it is a plain object, else `{ args: […] }`. */
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are those of a function that comes later
  readonly params?: ((...args: any[]) => unknown) | undefined;
  readonly agentId?: string | undefined;
  readonly agentTags?: readonly string[] | undefined;
  /** The session, or a function of the arguments that says so. */
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are those of a function that comes later
  readonly sessionId?: string | ((...args: any[]) => string | undefined) | undefined;
  /** Restricts evaluation to these documents and rules. */
  readonly policies?: readonly string[] | undefined;
  /** Default: the Shield's. */
  readonly onBlock?: OnBlock | undefined;
  /** Whether the wrapped function returns a promise. Default: whether it is an `async` function. */
  readonly async?: boolean | undefined;
}

/** A policy in force. */
export interface PolicySummary {
  readonly name: string;
  /** The names of its rules. */
  readonly rules: readonly string[];
}

/** What the text of a policy is read with. */
export interface PolicyTextOptions {
  /** What error messages call the text. */
  readonly file?: string | undefined;
  /** Pattern files whose ids the policy may name. */
  readonly customPatterns?: readonly string[] | undefined;
}

/** A policy that was read without being put in force. */
export interface PolicyLint {
  readonly name: string | null;
  readonly rules: readonly {
    readonly name: string;
    readonly kind: string;
    readonly action: PolicyAction;
    readonly severity: Severity;
    /** Where it begins, counted from 1. */
    readonly line: number;
  }[];
  readonly warnings: readonly {
    /** A stable word, such as `shadowed`. */
    readonly code: string;
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }[];
}

/** A call of a tool in a case. */
export interface PolicyCaseCall {
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** How often it is made; the last time is the one that is looked at. */
  readonly times: number;
}

/** What somebody does, and what the policies must say. */
export interface PolicyCase {
  readonly name: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly agent: string | null;
  readonly tags: readonly string[];
  readonly session: string | null;
  /** Calls that are made before. */
  readonly before: readonly PolicyCaseCall[];
  /** The call that is looked at; null where it is a text. */
  readonly call: PolicyCaseCall | null;
  readonly text: string | null;
  /** Which way the text goes; null where it is a call. */
  readonly direction: Direction | null;
  readonly expect: Action;
  /** A rule that must fire, as `rule` or `document/rule`; null where none is named. */
  readonly rule: string | null;
}

/** A file of cases. */
export interface PolicyCases {
  /** Files of the policies that are tested, relative to this one; empty where the file's name says it. */
  readonly policies: readonly string[];
  readonly cases: readonly PolicyCase[];
}

/** Whom to explain the rules for. */
export interface PolicySubject {
  readonly agentId?: string | undefined;
  readonly agentTags?: readonly string[] | undefined;
  /** Default `"input"`, which is the direction of tool calls, too. */
  readonly direction?: Direction | undefined;
  readonly policies?: readonly string[] | undefined;
}

/** What a rule has to do with somebody. */
export interface RuleStanding {
  readonly policy: string;
  readonly rule: string;
  readonly kind: string;
  readonly action: PolicyAction;
  /** Whether it takes part; and if not, why. `overruled`: a rule of a more specific tier decides. */
  readonly standing: "not_asked" | "other_direction" | "other_subject" | "overruled" | "speaks";
  /** How specific its match is; null where it does not match. */
  readonly tier: "everyone" | "tags" | "agent_glob" | "agent" | null;
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
  /** Keeps a Worker going until the event is delivered: `(promise) => ctx.waitUntil(promise)`. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
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
  /** What happened, where there is an error for it, such as a `PolicySyncError`. */
  readonly error?: Error;
}

/** The bytes of L2's model, or a promise of them. */
export type L2Model = ArrayBuffer | ArrayBufferView | PromiseLike<ArrayBuffer | ArrayBufferView>;

/** What attacks are that are added to L2. */
export interface AttackExampleOptions {
  /** The category of what is found to be like them. Default `"prompt_injection"`. */
  readonly type?: "prompt_injection" | "jailbreak" | "data_exfiltration" | "tool_abuse" | undefined;
}

/** Options of `redact`. */
export interface RedactOptions {
  /** Default `"redacted"`. */
  readonly style?: RedactStyle | undefined;
  /** Pattern ids; an id covers its variants, and `*` stands for anything. Default: all personal data and secrets. */
  readonly patterns?: readonly string[] | undefined;
}

/** A text without its personal data and secrets, and the way back. Nothing of them leaves the process. */
export interface Pseudonymized {
  /** With a placeholder such as `[EMAIL-1-x7k2m9p4qr]` for each of them. */
  readonly text: string;
  /** Puts the originals back into a text that holds placeholders of this one. */
  readonly restore: (text: string) => string;
  /** The same for text in chunks; only what could still become a placeholder is held back. */
  readonly restoreStream: () => TransformStream<string, string>;
}

/** A stream through which a text passes, and what all of it comes to. */
export type ScanStream = TransformStream<string, string> & { readonly result: Promise<ScanResult> };

/** How untrusted text is fenced. */
export interface SpotlightOptions {
  /** Whether the blanks of the text are replaced by a mark, so that a model sees at each word that it is data. Default false. */
  readonly datamark?: boolean | undefined;
}

/** Untrusted text that is fenced for a prompt. */
export interface Spotlighted {
  /** The fenced text, with a sentence before it that says what it is. */
  readonly text: string;
  /** What the fence is made of; nobody can guess it. */
  readonly boundary: string;
}

/** A mark for a system prompt. */
export interface Canary {
  /** Random letters and digits. */
  readonly token: string;
  /** A sentence with the token, to be put into the system prompt. */
  readonly instruction: string;
}

/** Counters since the Shield was made. */
export interface ShieldStats {
  readonly scansTotal: number;
  /** Scans and actions that were blocked, or would have been in a dry run. */
  readonly blocksTotal: number;
  /** Scans and actions with something to report that were not blocked. */
  readonly flagsTotal: number;
  /** Scans and actions whose `failedOpen` is set, whatever `onError` made of it. */
  readonly failOpenTotal: number;
  /** Actions that were validated, and scans with policies in force. */
  readonly policyEvaluationsTotal: number;
  /** How often the judge was asked. */
  readonly judgementsTotal: number;
  /** How often it did not answer, or not with a judgement. */
  readonly judgementsFailedTotal: number;
  /** Contents that were not judged behind a call, since too many waited already. */
  readonly judgementsSkippedTotal: number;
  /** Times that the server of policies said what holds, whether it was new or not. */
  readonly policySyncsTotal: number;
  /** Times that it did not, or said what cannot be used. */
  readonly policySyncFailuresTotal: number;
  /**
   * Events that wait or are being delivered. Each event is in one place: those of this Shield and those it recovered are the sum
   * of this counter and the next three.
   */
  readonly eventsQueued: number;
  /** Events that the server has taken. */
  readonly eventsSentTotal: number;
  /** Events that the server has refused for good. */
  readonly eventsFailedTotal: number;
  /** Events that were given up: the queue was full, or the Shield was closed before they could be delivered. */
  readonly eventsDroppedTotal: number;
}

/** What `new Shield()` takes. Every field is optional. */
export interface ShieldConfig {
  /**
   * Identifies the organisation at the servers of events and policies, and makes fingerprints equal across its processes. In a
   * browser it is refused unless `eventsEndpoint` and `apiEndpoint` are of the page's own origin. Default: `RUNE_API_KEY`.
   */
  readonly apiKey?: string | undefined;
  /** Whether patterns are matched. Default true. */
  readonly l1Enabled?: boolean | undefined;
  /** Whether texts are compared with attacks by their meaning (L2). It needs `l2Model`. Default false. */
  readonly l2Enabled?: boolean | undefined;
  /**
   * The model of L2, which `@runesec/scanner/l2` exports, or a promise of it. Until a promise is settled, scans go on without L2
   * and say `failedOpen: "l2_loading"`.
   */
  readonly l2Model?: L2Model | undefined;
  /** Above 0, at most 1, default 0.85: the score from which on L2 blocks. One in a thousand honest texts reaches the default. */
  readonly l2BlockThreshold?: number | undefined;
  /** Above 0, at most 1, default 0.7: the score from which on L2 reports. One in a hundred honest texts reaches the default. */
  readonly l2FlagThreshold?: number | undefined;
  /** Whether `scanDeep` and protected functions ask the `judge`, which they need then. Default false. */
  readonly l3Enabled?: boolean | undefined;
  /**
   * Whether a protected function waits for the judge, who can stop it then. Default false: the judge is asked behind the call, and what
   * it says is told by `onFinding` and the call's event.
   */
  readonly l3Blocking?: boolean | undefined;
  /** Who judges: a function of yours, or one of `@runesec/scanner/judge`. */
  readonly judge?: Judge | undefined;
  /** Milliseconds, above 0, default 5000, that the scan of one content may take, the judge included. */
  readonly scanTimeoutMs?: number | undefined;
  /** Pattern files (YAML texts) to look for beside the built-in patterns, at most 1,000. CONTRIBUTING.md has the format. */
  readonly customPatterns?: readonly string[] | undefined;
  /** Policies (YAML texts) in force from the beginning. */
  readonly policies?: readonly string[] | undefined;
  /** A directory whose `.yaml` and `.yml` files are policies, too. Needs a file system. */
  readonly localPoliciesPath?: string | undefined;
  /** Where policies are synced from, an `https:` URL. Default: `RUNE_API_ENDPOINT`, else `https://api.runesec.dev`. */
  readonly apiEndpoint?: string | undefined;
  /** Seconds, above 0, default 60: how long synced policies count as fresh. */
  readonly policySyncIntervalSeconds?: number | undefined;
  /** Counts calls for rate limits across processes; then use `validateActionAsync`. Default: in memory, of this process only. */
  readonly rateLimitStore?: RateLimitStore | undefined;
  /** Seconds, above 0, default 10: how long the `rateLimitStore` and the servers of events and policies are waited for. */
  readonly connectionTimeoutSeconds?: number | undefined;
  /** Calls, 1 or more, that a rate limit which names none allows in a minute. Default 100. */
  readonly defaultRateLimitPerMinute?: number | undefined;
  /** Whether events are sent and policies synced. Default: whether there is an API key. */
  readonly eventsEnabled?: boolean | undefined;
  /** Where events go, an `https:` URL. Default: `RUNE_EVENTS_ENDPOINT`, else `https://events.runesec.dev`. */
  readonly eventsEndpoint?: string | undefined;
  /** Events in one request, 1 or more, default 50. */
  readonly eventBatchSize?: number | undefined;
  /** Seconds, above 0, default 5: how long an event waits for others. */
  readonly eventFlushIntervalSeconds?: number | undefined;
  /** Events that wait at most, 1 or more, default 10 000; beyond that the oldest are given up. */
  readonly eventQueueLimit?: number | undefined;
  /** A folder in which events that wait survive the death of the process. Needs a file system. */
  readonly eventSpoolPath?: string | undefined;
  /** Called instead of the global `fetch`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** UTF-16 units, 2 or more, default 1 000 000. Of a longer content the first and the last half of it are scanned. */
  readonly maxInputChars?: number | undefined;
  /** Whether a scan that fails lets the content through or blocks it. Default `"open"`. */
  readonly onError?: "open" | "closed" | undefined;
  /**
   * What a protected function does when a call is blocked: throw a `ShieldBlockedError` (the default), write a line and return
   * `undefined`, or mark the event of the call as an alert and return `undefined`.
   */
  readonly onBlock?: OnBlock | undefined;
  /** Records everything and blocks nothing. Default false. */
  readonly dryRun?: boolean | undefined;
  /** The bindings of a Worker: its `RUNE_*` variables are read instead of those of the process. */
  readonly env?: object | undefined;
  /** Default: `RUNE_AGENT_ID`. */
  readonly defaultAgentId?: string | undefined;
  /** Default: `RUNE_AGENT_TAGS`, separated by commas. */
  readonly defaultAgentTags?: readonly string[] | undefined;
  /** Prints one line per scan, without any scanned text. Default: `RUNE_DEBUG`. */
  readonly debug?: boolean | undefined;
  /** Called for each finding. What it throws is reported as a warning and stops nothing. */
  readonly onFinding?: ((finding: Finding, context: FindingContext) => void) | undefined;
  /** Called with each event, whether events are sent or not. What it throws is reported as a warning and stops nothing. */
  readonly onEvent?: ((event: RuneEvent) => void) | undefined;
  /** Called once per cause; default: `console.warn`. */
  readonly onWarning?: ((warning: Warning) => void) | undefined;
}
