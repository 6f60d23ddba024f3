import { knownCatalog, numberOf } from "./catalog.js";
import { nowMs } from "./clock.js";
import { actionLine, debugLine } from "./debug-line.js";
import { Core, TRAPPED } from "./engine.js";
import { ConfigurationError, RuneError } from "./errors.js";
import { kindOf } from "./expectation.js";
import { fingerprintKey } from "./fingerprint-key.js";
import { Notices, printDebug } from "./notices.js";
import {
  type ResolvedAction,
  resolveAction,
  resolveContext,
  resolveOptions,
  resolveSubject,
  type ShieldOptions,
} from "./options.js";
import { Actions } from "./policies/actions.js";
import type { PolicyCause, ScannedParams, ToolCall } from "./policies/decide.js";
import { readDirectory } from "./policies/directory.js";
import {
  type Consequences,
  NO_CONSEQUENCES,
  Policies,
  type PolicySource,
  type Profile,
  type Subject,
} from "./policies/policies.js";
import { redactText } from "./redact.js";
import { makeResult, type Outcome } from "./scan/result.js";
import { type Cause, scanContent } from "./scan/scan.js";
import type {
  Direction,
  FindingContext,
  PolicyResult,
  PolicySubject,
  PolicySummary,
  RedactOptions,
  RuleStanding,
  ScanContext,
  ScanResult,
  ShieldConfig,
  ShieldStats,
  ToolAction,
} from "./types.js";

const WARNINGS = {
  trap: "the scanner failed on a content and was restarted",
  work_limit: "a content was too intricate to be scanned in full",
  unreadable_content: "part of a content threw when it was read, and was not scanned",
  input_truncated: "a content was longer than `maxInputChars` or had too many values; its middle was not scanned",
  rate_limit_store: "the store of rate limits failed or is full, and calls went uncounted",
} as const satisfies Record<Cause | PolicyCause, string>;
const FORGOTTEN = "there are too many sessions for `tool_flow` rules to remember all; the oldest was forgotten";

/** What the scan of a call's arguments comes to when there is nothing to scan. */
const NO_PARAMS: ScannedParams = { violations: [], failedOpen: null };

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
  readonly #policies: Policies;
  readonly #actions: Actions;
  readonly #stats = { scansTotal: 0, blocksTotal: 0, flagsTotal: 0, failOpenTotal: 0, policyEvaluationsTotal: 0 };

  /**
   * @throws {ConfigurationError} when an option is unknown or ill-typed, or a custom pattern cannot be used
   * @throws {PolicyError} when a policy cannot be used
   * @throws {RuneError} `core_unavailable` when the runtime refuses the wasm
   */
  constructor(config?: ShieldConfig) {
    const options = resolveOptions(config);
    this.#options = options;
    this.#notices = new Notices(options);
    this.#core = new Core(() => fingerprintKey(options.apiKey), options.customPatterns);
    this.#policies = new Policies(this.#core, policySources(options), options.defaultRateLimitPerMinute);
    this.#actions = new Actions(this.#policies, options, () => this.#notices.warn("sessions_forgotten", FORGOTTEN));
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

  /**
   * Says whether an agent may do what it is about to do, and counts the call if so. The texts in `params` are scanned as
   * input, and decide likewise where no rule speaks about what is found in them.
   *
   * @throws {ConfigurationError} when a field is unknown or ill-typed, a policy that is asked for is unknown, or a rate limit
   * applies that is kept in a `rateLimitStore`
   */
  validateAction(action: ToolAction): PolicyResult {
    const resolved = resolveAction(action, this.#options);
    const { profile, scanned } = this.#scanAction(resolved);
    return this.#recordAction(this.#actions.validate(callOf(resolved), profile, scanned));
  }

  /**
   * The same, waiting for the `rateLimitStore`.
   *
   * @throws {ConfigurationError} (as a rejection) when a field is unknown or ill-typed, or a policy that is asked for is unknown
   */
  async validateActionAsync(action: ToolAction): Promise<PolicyResult> {
    const resolved = resolveAction(action, this.#options);
    const { profile, scanned } = this.#scanAction(resolved);
    return this.#recordAction(await this.#actions.validateAsync(callOf(resolved), profile, scanned));
  }

  /** The policies in force. */
  get policies(): readonly PolicySummary[] {
    return Object.freeze(this.#policies.list());
  }

  /**
   * Puts a policy in force; one with the same name is replaced.
   *
   * @param yaml a policy document
   * @returns its name; one without a name becomes `policy-1`, `policy-2`, …
   * @throws {PolicyError} when it cannot be used; nothing has changed then
   */
  addPolicy(yaml: string): string {
    return this.#policies.add(textSource("policy", yaml));
  }

  /**
   * Puts a policy out of force.
   *
   * @throws {ConfigurationError} when there is none of this name
   */
  removePolicy(name: string): void {
    this.#policies.remove(name);
  }

  /**
   * What each rule has to do with an agent, and why. Nothing is counted.
   *
   * @throws {ConfigurationError} when a field is unknown or ill-typed, or a policy that is asked for is unknown
   */
  explainPolicies(subject?: PolicySubject): readonly RuleStanding[] {
    const standings = this.#policies.standings(resolveSubject(subject, this.#options));
    if (standings === TRAPPED)
      throw new RuneError("core_failed", "the policies could not be explained: the core failed");
    return Object.freeze(
      standings.map(({ rule, standing, tier }) =>
        Object.freeze({ policy: rule.document, rule: rule.name, kind: rule.kind, action: rule.action, standing, tier }),
      ),
    );
  }

  /** What `JSON.stringify` sees: no configuration, since that may hold an API key. */
  toJSON(): { stats: ShieldStats } {
    return { stats: this.stats };
  }

  #scan(content: unknown, context: ScanContext | undefined, direction: Direction): ScanResult {
    const startedMs = nowMs();
    const options = this.#options;
    const resolved = resolveContext(context, direction, options);
    const outcome = this.#outcomeOf(content, resolved.direction);
    const judgement = this.#judge(outcome, { ...resolved, policies: null });
    if (!this.#policies.isEmpty) this.#stats.policyEvaluationsTotal += 1;
    const result = makeResult(outcome, judgement, options, nowMs() - startedMs);
    this.#record(result, outcome.causes, resolved);
    return result;
  }

  #outcomeOf(content: unknown, direction: Direction): Outcome<Cause> {
    if (!this.#options.l1Enabled) return UNSCANNED;
    return scanContent(this.#core, content, direction, this.#options.maxInputChars);
  }

  /** What follows from findings for a subject. */
  #judge({ findings }: Outcome, subject: Subject, known?: Profile | typeof TRAPPED): Consequences {
    if (findings.length === 0) return NO_CONSEQUENCES;
    const profile = known ?? this.#policies.profile(subject);
    if (profile === TRAPPED) return NO_CONSEQUENCES;
    const catalog = knownCatalog(this.#core);
    return this.#policies.judgeFindings(profile, findings, (id) => numberOf(id, catalog));
  }

  #scanAction({ params, context, policies }: ResolvedAction): {
    profile: Profile | typeof TRAPPED;
    scanned: ScannedParams;
  } {
    const { agentId, agentTags, direction } = context;
    const subject = { agentId, agentTags, direction, policies };
    // Before the scan, so that an unknown policy is told before anything is reported.
    const profile = this.#policies.profile(subject);
    if (params === null) return { profile, scanned: NO_PARAMS };
    const outcome = this.#outcomeOf(params, "input");
    for (const cause of outcome.causes) this.#notices.warn(cause, WARNINGS[cause]);
    for (const finding of outcome.findings) this.#notices.finding(finding, context);
    const { violations } = this.#judge(outcome, subject, profile);
    return { profile, scanned: { violations, failedOpen: outcome.causes[0] ?? null } };
  }

  #recordAction(result: PolicyResult): PolicyResult {
    const stats = this.#stats;
    stats.policyEvaluationsTotal += 1;
    this.#count(result);
    if (result.failedOpen === "rate_limit_store") this.#notices.warn("rate_limit_store", WARNINGS.rate_limit_store);
    if (this.#options.debug) printDebug(actionLine(result));
    return result;
  }

  #count({ actionTaken, failedOpen }: Pick<ScanResult, "actionTaken" | "failedOpen">): void {
    const stats = this.#stats;
    if (actionTaken === "block") stats.blocksTotal += 1;
    else if (actionTaken !== "allow") stats.flagsTotal += 1;
    if (failedOpen !== null) stats.failOpenTotal += 1;
  }

  #record(result: ScanResult, causes: readonly Cause[], context: FindingContext): void {
    this.#stats.scansTotal += 1;
    this.#count(result);
    for (const cause of causes) this.#notices.warn(cause, WARNINGS[cause]);
    for (const finding of result.threatsDetected) this.#notices.finding(finding, context);
    if (this.#options.debug) printDebug(debugLine(result, context.direction));
  }
}

function callOf({ action, params, context }: ResolvedAction): ToolCall {
  return { agentId: context.agentId, sessionId: context.sessionId, tool: action, params };
}

/** The documents of a configuration: its texts, then those of its directory. */
function policySources({ policies, localPoliciesPath }: ShieldOptions): PolicySource[] {
  const texts = policies.map((yaml, index) => textSource(`policies[${index}]`, yaml));
  return localPoliciesPath === null ? texts : [...texts, ...readDirectory(localPoliciesPath)];
}

function textSource(label: string, yaml: unknown): PolicySource {
  if (typeof yaml !== "string") throw new ConfigurationError(`${label} must be a YAML text, got ${kindOf(yaml)}`);
  return { label, file: null, yaml };
}
