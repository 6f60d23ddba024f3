import { bytesOf } from "./bytes.js";
import { type Environment, readBindings, readEnvironment } from "./environment.js";
import { ConfigurationError, L2UnavailableError } from "./errors.js";
import {
  BOOLEAN,
  CALLBACK,
  check,
  type Expectation,
  integerFrom,
  isPromise,
  kindOf,
  oneOf,
  POSITIVE,
  SECRET,
  SHARE,
  TEXT,
  TEXTS,
} from "./expectation.js";
import type { Judge } from "./judge/judge.js";
import type { RateLimitStore } from "./rate-limits/store.js";
import type {
  AttackExampleOptions,
  FindingContext,
  L2Model,
  OnBlock,
  PolicySubject,
  ProtectOptions,
  RedactOptions,
  ScanContext,
  ShieldConfig,
  SpotlightOptions,
  ToolAction,
} from "./types.js";

const CONFIG = {
  apiKey: SECRET,
  l1Enabled: BOOLEAN,
  l2Enabled: BOOLEAN,
  l2Model: {
    expected: "an ArrayBuffer, a typed array, or a promise of one",
    accepts: (value) => bytesOf(value) !== null || isPromise(value),
  },
  l2BlockThreshold: SHARE,
  l2FlagThreshold: SHARE,
  l3Enabled: BOOLEAN,
  l3Blocking: BOOLEAN,
  judge: CALLBACK,
  scanTimeoutMs: POSITIVE,
  customPatterns: TEXTS,
  policies: TEXTS,
  localPoliciesPath: TEXT,
  apiEndpoint: TEXT,
  policySyncIntervalSeconds: POSITIVE,
  rateLimitStore: {
    expected: "an object with a `take` method",
    accepts: (value) => typeof (value as { take?: unknown } | null)?.take === "function",
  },
  defaultRateLimitPerMinute: integerFrom(1),
  connectionTimeoutSeconds: POSITIVE,
  eventsEnabled: BOOLEAN,
  eventsEndpoint: TEXT,
  eventBatchSize: integerFrom(1),
  eventFlushIntervalSeconds: POSITIVE,
  eventQueueLimit: integerFrom(1),
  eventSpoolPath: TEXT,
  fetch: CALLBACK,
  // Two, so that there is a first and a last half.
  maxInputChars: integerFrom(2),
  onError: oneOf(["open", "closed"]),
  onBlock: oneOf(["raise", "log", "alert"]),
  dryRun: BOOLEAN,
  // Bindings are secrets, too.
  env: {
    expected: "an object of bindings",
    accepts: (value) => typeof value === "object" && value !== null,
    secret: true,
  },
  defaultAgentId: TEXT,
  defaultAgentTags: TEXTS,
  debug: BOOLEAN,
  onFinding: CALLBACK,
  onEvent: CALLBACK,
  onWarning: CALLBACK,
} as const satisfies Record<keyof ShieldConfig, Expectation>;

const CONTEXT = {
  agentId: TEXT,
  agentTags: TEXTS,
  sessionId: TEXT,
  source: { expected: "a string", accepts: (value) => typeof value === "string" },
  direction: oneOf(["input", "output"]),
  waitUntil: CALLBACK,
} as const satisfies Record<keyof ScanContext, Expectation>;

const ACTION = {
  agentId: TEXT,
  agentTags: TEXTS,
  sessionId: TEXT,
  action: TEXT,
  params: { expected: "anything", accepts: () => true },
  policies: TEXTS,
  waitUntil: CALLBACK,
} as const satisfies Record<keyof ToolAction, Expectation>;

const TEXT_OR_CALLBACK: Expectation = {
  expected: "a non-empty string or a function",
  accepts: (value) => TEXT.accepts(value) || CALLBACK.accepts(value),
};

const PROTECT = {
  action: TEXT_OR_CALLBACK,
  params: CALLBACK,
  agentId: TEXT,
  agentTags: TEXTS,
  sessionId: TEXT_OR_CALLBACK,
  policies: TEXTS,
  onBlock: oneOf(["raise", "log", "alert"]),
  async: BOOLEAN,
} as const satisfies Record<keyof ProtectOptions, Expectation>;

const SUBJECT = {
  agentId: TEXT,
  agentTags: TEXTS,
  direction: oneOf(["input", "output"]),
  policies: TEXTS,
} as const satisfies Record<keyof PolicySubject, Expectation>;

const EXAMPLE = {
  type: oneOf(["prompt_injection", "jailbreak", "data_exfiltration", "tool_abuse"]),
} as const satisfies Record<keyof AttackExampleOptions, Expectation>;

const SPOTLIGHT = { datamark: BOOLEAN } as const satisfies Record<keyof SpotlightOptions, Expectation>;

const REDACT = {
  style: oneOf(["redacted", "typed", "mask", "hash", "remove"]),
  // An empty list would return the text as it came.
  patterns: {
    expected: "a non-empty array of pattern ids",
    accepts: (value) => TEXTS.accepts(value) && (value as []).length > 0,
  },
} as const satisfies Record<keyof RedactOptions, Expectation>;

/** What L2 needs. */
export interface L2Options {
  readonly model: L2Model;
  readonly blockThreshold: number;
  readonly flagThreshold: number;
}

/** What the code needs: every question answered. `ShieldConfig` is what the caller wrote. */
export interface ShieldOptions {
  readonly apiKey: string | null;
  readonly l1Enabled: boolean;
  /** Null when L2 is off. */
  readonly l2: L2Options | null;
  readonly l3Blocking: boolean;
  /** Null when L3 is off. */
  readonly judge: Judge | null;
  readonly scanTimeoutMs: number;
  readonly customPatterns: readonly string[];
  readonly policies: readonly string[];
  readonly localPoliciesPath: string | null;
  readonly apiEndpoint: string;
  readonly policySyncIntervalSeconds: number;
  readonly rateLimitStore: RateLimitStore | null;
  readonly defaultRateLimitPerMinute: number;
  readonly connectionTimeoutSeconds: number;
  readonly eventsEnabled: boolean;
  readonly eventsEndpoint: string;
  readonly eventBatchSize: number;
  readonly eventFlushIntervalSeconds: number;
  readonly eventQueueLimit: number;
  readonly eventSpoolPath: string | null;
  readonly fetch: ShieldConfig["fetch"];
  readonly maxInputChars: number;
  readonly onError: "open" | "closed";
  readonly onBlock: OnBlock;
  readonly dryRun: boolean;
  readonly defaultAgentId: string | null;
  readonly defaultAgentTags: readonly string[];
  readonly debug: boolean;
  readonly onFinding: ShieldConfig["onFinding"];
  readonly onEvent: ShieldConfig["onEvent"];
  readonly onWarning: ShieldConfig["onWarning"];
}

/**
 * Turns what the caller wrote into what the code needs. The caller's object is read once and left as it is.
 *
 * @throws {ConfigurationError} naming the option, what was expected and what came
 */
export function resolveOptions(
  config: ShieldConfig | undefined,
  surroundings: Environment = readEnvironment(),
): ShieldOptions {
  check(config, CONFIG, "option");
  const given = config ?? {};
  const environment = given.env === undefined ? surroundings : readBindings(given.env);
  const apiKey = given.apiKey ?? environment.RUNE_API_KEY ?? null;
  if (given.eventsEnabled === true && apiKey === null) throw new ConfigurationError("RUNE_API_KEY not set");
  return {
    apiKey,
    l1Enabled: given.l1Enabled ?? true,
    l2: l2OptionsOf(given),
    l3Blocking: given.l3Blocking ?? false,
    judge: judgeOf(given),
    scanTimeoutMs: given.scanTimeoutMs ?? 5_000,
    customPatterns: Object.freeze([...(given.customPatterns ?? [])]),
    policies: Object.freeze([...(given.policies ?? [])]),
    localPoliciesPath: given.localPoliciesPath ?? null,
    apiEndpoint: given.apiEndpoint ?? environment.RUNE_API_ENDPOINT ?? "https://api.runesec.dev",
    policySyncIntervalSeconds: given.policySyncIntervalSeconds ?? 60,
    rateLimitStore: given.rateLimitStore ?? null,
    defaultRateLimitPerMinute: given.defaultRateLimitPerMinute ?? 100,
    connectionTimeoutSeconds: given.connectionTimeoutSeconds ?? 10,
    eventsEnabled: given.eventsEnabled ?? apiKey !== null,
    eventsEndpoint: given.eventsEndpoint ?? environment.RUNE_EVENTS_ENDPOINT ?? "https://events.runesec.dev",
    eventBatchSize: given.eventBatchSize ?? 50,
    eventFlushIntervalSeconds: given.eventFlushIntervalSeconds ?? 5,
    eventQueueLimit: given.eventQueueLimit ?? 10_000,
    eventSpoolPath: given.eventSpoolPath ?? null,
    fetch: given.fetch,
    maxInputChars: given.maxInputChars ?? 1_000_000,
    onError: given.onError ?? "open",
    onBlock: given.onBlock ?? "raise",
    dryRun: given.dryRun ?? false,
    defaultAgentId: given.defaultAgentId ?? environment.RUNE_AGENT_ID ?? null,
    defaultAgentTags: Object.freeze([...(given.defaultAgentTags ?? splitTags(environment.RUNE_AGENT_TAGS))]),
    debug: given.debug ?? isOn(environment.RUNE_DEBUG),
    onFinding: given.onFinding,
    onEvent: given.onEvent,
    onWarning: given.onWarning,
  };
}

/** Checks a scan's context and fills in the Shield's defaults. */
export function resolveContext(
  context: ScanContext | undefined,
  direction: FindingContext["direction"],
  options: ShieldOptions,
): FindingContext {
  check(context, CONTEXT, "context field");
  return {
    ...agentOf(context, options),
    sessionId: context?.sessionId ?? null,
    source: context?.source ?? null,
    direction: context?.direction ?? direction,
  };
}

/** An action with the Shield's defaults filled in. */
export interface ResolvedAction {
  readonly action: string;
  readonly params: unknown;
  readonly context: FindingContext;
  readonly policies: readonly string[] | null;
}

/** Checks an action and fills in the Shield's defaults. */
export function resolveAction(action: ToolAction, options: ShieldOptions): ResolvedAction {
  if (action === undefined) throw new ConfigurationError("expected an action, got `undefined`");
  check(action, ACTION, "action field");
  if (action.action === undefined) throw new ConfigurationError("action field `action` is missing: the tool's name");
  const { agentId, agentTags } = agentOf(action, options);
  return {
    action: action.action,
    params: action.params ?? null,
    context: { agentId, agentTags, sessionId: action.sessionId ?? null, source: null, direction: "input" },
    policies: action.policies === undefined ? null : Object.freeze([...action.policies]),
  };
}

/** Checks how a function is to be protected. */
export function checkProtectOptions(options: ProtectOptions | undefined): void {
  check(options, PROTECT, "protect option");
}

/** Checks whom rules are to be explained for. */
export function resolveSubject(
  subject: PolicySubject | undefined,
  options: ShieldOptions,
): Required<Pick<FindingContext, "agentId" | "agentTags" | "direction">> & { policies: readonly string[] | null } {
  check(subject, SUBJECT, "subject field");
  return {
    ...agentOf(subject, options),
    direction: subject?.direction ?? "input",
    policies: subject?.policies === undefined ? null : Object.freeze([...subject.policies]),
  };
}

function agentOf(
  given: Pick<ToolAction, "agentId" | "agentTags"> | undefined,
  options: ShieldOptions,
): Pick<FindingContext, "agentId" | "agentTags"> {
  return {
    agentId: given?.agentId ?? options.defaultAgentId,
    agentTags: given?.agentTags === undefined ? options.defaultAgentTags : Object.freeze([...given.agentTags]),
  };
}

/** Checks attacks that are to be added to L2, and fills in what they are. */
export function resolveExamples(
  texts: readonly string[],
  options: AttackExampleOptions | undefined,
): NonNullable<AttackExampleOptions["type"]> {
  if (!TEXTS.accepts(texts)) throw new ConfigurationError(`expected ${TEXTS.expected}, got ${kindOf(texts)}`);
  check(options, EXAMPLE, "attack example option");
  return options?.type ?? "prompt_injection";
}

function l2OptionsOf({ l2Enabled, l2Model, l2BlockThreshold, l2FlagThreshold }: ShieldConfig): L2Options | null {
  const [blockThreshold, flagThreshold] = [l2BlockThreshold ?? 0.85, l2FlagThreshold ?? 0.7];
  if (flagThreshold > blockThreshold) {
    throw new ConfigurationError(
      `option \`l2FlagThreshold\` (${flagThreshold}) must not be above \`l2BlockThreshold\` (${blockThreshold})`,
    );
  }
  if (l2Enabled !== true) return null;
  if (l2Model === undefined) throw new L2UnavailableError(HOW_TO_LOAD);
  return { model: l2Model, blockThreshold, flagThreshold };
}

const HOW_TO_LOAD =
  "there is no model; pass the one that `@runesec/scanner/l2` exports: `new Shield({ l2Enabled: true, l2Model })`";

/** Checks the options of `spotlight`. */
export function checkSpotlightOptions(options: SpotlightOptions | undefined): void {
  check(options, SPOTLIGHT, "spotlight option");
}

/** Checks the options of `redact`; pattern ids are looked up later. */
export function checkRedactOptions(options: RedactOptions | undefined): void {
  check(options, REDACT, "redact option");
}

function judgeOf({ l3Enabled, judge }: ShieldConfig): Judge | null {
  if (l3Enabled !== true) return null;
  if (judge !== undefined) return judge;
  throw new ConfigurationError(
    "option `l3Enabled` needs `judge`: a function of yours, or one of `@runesec/scanner/judge`",
  );
}

function splitTags(tags: string | undefined): string[] {
  return (tags ?? "")
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== "0" && value.toLowerCase() !== "false";
}
