// Who compiles against the declarations may have a library without `Symbol.asyncDispose`.
/// <reference lib="esnext.disposable" preserve="true" />
import { Allowlist } from "./allowlist.js";
import { Anomalies } from "./anomaly/anomalies.js";
import { Canaries } from "./canary.js";
import { knownCatalog, numberOf } from "./catalog.js";
import { nowMs } from "./clock.js";
import { actionLine, debugLine } from "./debug-line.js";
import { Core, TRAPPED } from "./engine.js";
import { ConfigurationError, L2UnavailableError, RuneError } from "./errors.js";
import type { ParamsHash } from "./events/event.js";
import { Events } from "./events/events.js";
import { kindOf } from "./expectation.js";
import { fingerprintKey, textFingerprint } from "./fingerprint-key.js";
import type { WaitUntil } from "./http/wait-until.js";
import { JUDGE_WARNINGS, type JudgeCause } from "./judging/ask.js";
import { Backlog } from "./judging/backlog.js";
import { Behind } from "./judging/behind.js";
import { type Judged, Judging, type Unjudged } from "./judging/judging.js";
import { Notices, printDebug, printWarning } from "./notices.js";
import {
  checkProtectOptions,
  checkSpotlightOptions,
  type ResolvedAction,
  resolveAction,
  resolveContext,
  resolveExamples,
  resolveOptions,
  resolveSubject,
  type ShieldOptions,
} from "./options.js";
import { Actions } from "./policies/actions.js";
import { Cloud } from "./policies/cloud.js";
import type { PolicyCause, ScannedParams, ToolCall } from "./policies/decide.js";
import { readDirectory } from "./policies/directory.js";
import {
  type Consequences,
  NO_CONSEQUENCES,
  Policies,
  type PolicySource,
  type Profile,
  STRICTNESS,
  type Subject,
  UNJUDGED,
} from "./policies/policies.js";
import { type Decision, type Guard, type Protector, protectorOf } from "./protect.js";
import { pseudonymizeText } from "./pseudonymize.js";
import { redactText } from "./redact.js";
import { makeResult, type Outcome, withFindings } from "./scan/result.js";
import { type Cause, scanContent } from "./scan/scan.js";
import { L2 } from "./similarity/l2.js";
import { spotlightText } from "./spotlight.js";
import type {
  Action,
  AttackExampleOptions,
  Canary,
  Direction,
  Finding,
  FindingContext,
  PolicyResult,
  PolicySubject,
  PolicySummary,
  ProtectOptions,
  Pseudonymized,
  RedactOptions,
  RuleStanding,
  ScanContext,
  ScanResult,
  ShieldConfig,
  ShieldStats,
  Spotlighted,
  SpotlightOptions,
  ToolAction,
} from "./types.js";

/** Why not all of a content was scanned or judged. */
type AnyCause = Cause | JudgeCause | PolicyCause;

const WARNINGS = {
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
} as const satisfies Record<AnyCause, string>;
const FORGOTTEN = "there are too many sessions for `tool_flow` rules to remember all; the oldest was forgotten";

/** What a scan comes to when no layer is on. */
const UNSCANNED: Outcome<Cause> = {
  findings: [],
  l1Result: "pass",
  l2Result: null,
  l3Result: null,
  riskScore: 0,
  layersExecuted: [],
  sanitizedContent: null,
  contentLength: null,
  causes: [],
};

/** The kinds of event that a decision about a call can become. */
type CallType = "policy_check" | "tool_call";

/** What was found in a call's arguments, before anyone decided what follows from it. */
interface ReadAction {
  readonly profile: Profile | typeof TRAPPED;
  /** Why not all the policies are there. */
  readonly missing: "policy_sync" | null;
  readonly outcome: Judged;
  readonly startedMs: number;
}

/** What the scan of a call's arguments came to. */
interface ScannedAction {
  readonly profile: Profile | typeof TRAPPED;
  readonly scanned: ScannedParams;
  readonly scanResult: () => ScanResult;
  readonly contentLength: number | null;
}

/**
 * Guards an agent: scans what goes in and what comes out, and redacts. Make one, at module scope, and keep it.
 *
 * Making one instantiates the core. With an API key it begins to sync policies in Node, Deno and Bun; elsewhere, and without,
 * it draws no randomness, opens no connection and starts no timer.
 */
export class Shield {
  readonly #options: ShieldOptions;
  readonly #core: Core;
  readonly #notices: Notices;
  readonly #l2: L2 | null;
  readonly #policies: Policies;
  readonly #actions: Actions;
  readonly #events: Events;
  readonly #cloud: Cloud;
  readonly #canaries = new Canaries();
  readonly #allowlist = new Allowlist();
  readonly #anomalies: Anomalies;
  readonly #judging: Judging;
  readonly #backlog: Backlog;
  readonly #findCanaries = (text: string): Finding[] => this.#canaries.findIn(text);
  readonly #stats = { scansTotal: 0, blocksTotal: 0, flagsTotal: 0, failOpenTotal: 0, policyEvaluationsTotal: 0 };

  /**
   * @throws {ConfigurationError} when an option is unknown or ill-typed, or a custom pattern cannot be used
   * @throws {PolicyError} when a policy cannot be used
   * @throws {L2UnavailableError} when L2 is on and there is no model for it, or one that cannot be used
   * @throws {RuneError} `core_unavailable` when the runtime refuses the wasm
   */
  constructor(config?: ShieldConfig) {
    const options = resolveOptions(config);
    this.#options = options;
    this.#notices = new Notices(options);
    this.#core = new Core(() => fingerprintKey(options.apiKey), options.customPatterns);
    const fingerprint = textFingerprint(() => fingerprintKey(options.apiKey));
    this.#anomalies = new Anomalies(fingerprint);
    this.#l2 = options.l2 && new L2(this.#core, options.l2, (cause, message) => this.#notices.warn(cause, message));
    this.#policies = new Policies(this.#core, policySources(options), options.defaultRateLimitPerMinute);
    this.#judging = new Judging(options, fingerprint, (finding, agentId) => this.#allowlist.has(finding, agentId));
    this.#backlog = new Backlog(this.#judging, options.scanTimeoutMs);
    this.#actions = new Actions(this.#policies, options, () => this.#notices.warn("sessions_forgotten", FORGOTTEN));
    this.#events = new Events(
      { ...options, fetch: options.fetch ?? null, isObserved: options.onEvent !== undefined },
      {
        event: (event) => this.#notices.event(event),
        warn: (cause, message) => this.#notices.warn(cause, message),
        debug: (line) => this.#debug(line),
      },
    );
    this.#cloud = new Cloud(
      this.#policies,
      { ...options, fetch: options.fetch ?? null },
      {
        allow: (entries) => this.#allowlist.replaceSynced(entries),
        warn: (cause, message, error) => this.#notices.warn(cause, message, error),
        debug: (line) => this.#debug(line),
      },
    );
  }

  /** Counters since this Shield was made; a snapshot. */
  get stats(): ShieldStats {
    const { queued, sent, failed, dropped } = this.#events.deliveries;
    const judgements = this.#judging.counts;
    return Object.freeze({
      ...this.#stats,
      ...this.#cloud.counts,
      judgementsTotal: judgements.asked,
      judgementsFailedTotal: judgements.failed,
      judgementsSkippedTotal: this.#backlog.skipped,
      eventsQueued: queued,
      eventsSentTotal: sent,
      eventsFailedTotal: failed,
      eventsDroppedTotal: dropped,
    });
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
   * Scans with every layer that is on, and waits for the judge if there is one.
   *
   * @throws {ContentError} (as a rejection) when the content is nothing that text can be read from
   */
  async scanDeep(content: unknown, context?: ScanContext): Promise<ScanResult> {
    const resolved = resolveContext(context, "input", this.#options);
    const { waitUntil } = context ?? {};
    const { result, contentLength } = await this.#scanDeep(content, resolved, waitUntil);
    this.#reportScan("deep_scan", result, resolved, contentLength, waitUntil);
    return result;
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
   * The text with a placeholder for each piece of personal data and each secret, and the way back.
   *
   * @throws {ContentError} when the text is no string
   * @throws {RuneError} `core_failed` when the text cannot be searched in full; nothing is returned then
   */
  pseudonymize(text: string): Pseudonymized {
    return pseudonymizeText(this.#core, text);
  }

  /**
   * Fences untrusted text for a prompt with a boundary that nobody can guess, so that the text cannot close it.
   *
   * @throws {ConfigurationError} when an option is unknown or ill-typed
   * @throws {ContentError} when the text is no string
   */
  spotlight(text: string, options?: SpotlightOptions): Spotlighted {
    checkSpotlightOptions(options);
    return spotlightText(text, options);
  }

  /**
   * Silences what was found by mistake: the pattern of a finding, or the patterns of all that is found in a content, in windows
   * near-identical to the one it was found in (case does not matter). The text around it stays guarded.
   *
   * @returns the id by which `removeAllowed` takes it back
   * @throws {ConfigurationError} when nothing is found in the content, or there are too many entries
   * @throws {ContentError} when the content is nothing that text can be read from
   */
  allow(contentOrFinding: unknown): string {
    if (isFinding(contentOrFinding)) return this.#allowlist.add([contentOrFinding]);
    const findings = (["input", "output"] as const).flatMap(
      (direction) => this.#outcomeOf(contentOrFinding, direction, null).findings,
    );
    if (findings.length === 0)
      throw new ConfigurationError("nothing is found in the content, so nothing can be allowed");
    return this.#allowlist.add(findings);
  }

  /**
   * Takes back what was allowed.
   *
   * @throws {ConfigurationError} when there is nothing of this id
   */
  removeAllowed(id: string): void {
    this.#allowlist.remove(id);
  }

  /**
   * Adds attacks to those that L2 compares texts with: what reads like them is found from now on. Few and typical ones do best.
   * Of a long one each stretch of 64 words is an attack of its own.
   *
   * @throws {ConfigurationError} when an argument is ill-typed, or there are more than 1,000 such stretches
   * @throws {L2UnavailableError} when L2 is off or has no model
   */
  addAttackExamples(texts: readonly string[], options?: AttackExampleOptions): void {
    const type = resolveExamples(texts, options);
    if (this.#l2 === null) throw new L2UnavailableError("`addAttackExamples` needs `l2Enabled: true`");
    this.#l2.addExamples(texts, type);
  }

  /** A mark for the system prompt. From now on `scanOutput` reports a text that shows it, spaced or encoded, too. */
  canary(): Canary {
    return this.#canaries.make();
  }

  /**
   * Says whether an agent may do what it is about to do, and counts the call if so. The texts in `params` are scanned as
   * input, and decide likewise where no rule speaks about what is found in them.
   *
   * @throws {ConfigurationError} when a field is unknown or ill-typed, a policy that is asked for is unknown, or a rate limit
   * applies that is kept in a `rateLimitStore`
   */
  validateAction(action: ToolAction): PolicyResult {
    const decision = this.#decide(action, "policy_check");
    decision.report(false);
    return decision.policyResult;
  }

  /**
   * The same, waiting for the `rateLimitStore`.
   *
   * @throws {ConfigurationError} (as a rejection) when a field is unknown or ill-typed, or a policy that is asked for is unknown
   */
  async validateActionAsync(action: ToolAction): Promise<PolicyResult> {
    const decision = await this.#decideAsync(action, "policy_check");
    decision.report(false);
    return decision.policyResult;
  }

  /**
   * Wraps functions, sync or async, or decorates methods (TC39). The arguments are scanned and held against the policies
   * before they run; what they return is scanned before the caller has it. What cannot be read (streams, class instances,
   * functions) passes unscanned.
   *
   * @throws {ConfigurationError} when an option is unknown or ill-typed; and when it wraps, for a function without a name, or
   * one that is not `async` where a `rateLimitStore` must be waited for
   */
  protect(options: ProtectOptions = {}): Protector {
    checkProtectOptions(options);
    return protectorOf(this.#guard(), options);
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

  /**
   * Resolves when the policies of the server have arrived or could not be had at the first try, and the model of L2 likewise; at
   * once when there is nothing to wait for. Never rejects.
   */
  async ready(): Promise<void> {
    await Promise.all([this.#cloud.ready(), this.#l2?.ready()]);
  }

  /**
   * Delivers the events that wait now, after what is still judged behind calls; resolves when they are delivered, or after one
   * failed attempt. Never rejects.
   */
  async flush(): Promise<void> {
    if (!this.#backlog.isEmpty) await this.#backlog.settled();
    return this.#events.flush();
  }

  /**
   * Delivers the events that wait, within `connectionTimeoutSeconds` and a second. What cannot be delivered stays in the spool
   * or is counted as dropped, and so are later events; scans go on, by the policies that are in force now. Never rejects.
   */
  close(): Promise<void> {
    this.#cloud.close();
    this.#backlog.cancel();
    return this.#events.close();
  }

  /** The same without waiting for it. */
  shutdown(): void {
    void this.close();
  }

  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What `JSON.stringify` sees: no configuration, since that may hold an API key. */
  toJSON(): { stats: ShieldStats } {
    return { stats: this.stats };
  }

  #scan(content: unknown, context: ScanContext | undefined, direction: Direction): ScanResult {
    const startedMs = nowMs();
    const resolved = resolveContext(context, direction, this.#options);
    const outcome = this.#outcomeOf(content, resolved.direction, resolved.agentId);
    const result = this.#conclude(outcome, resolved, startedMs, context?.waitUntil);
    const type = `${resolved.direction}_scan` as const;
    this.#reportScan(type, result, resolved, outcome.contentLength, context?.waitUntil);
    return result;
  }

  async #scanDeep(
    content: unknown,
    context: FindingContext,
    waitUntil: WaitUntil | undefined,
  ): Promise<{ readonly result: ScanResult; readonly contentLength: number | null }> {
    const startedMs = nowMs();
    const outcome = this.#outcomeOf(content, context.direction, context.agentId);
    const unjudged = this.#judging.hold(content, outcome, context, startedMs);
    const judged = unjudged === null ? outcome : await this.#judging.judge(unjudged);
    return { result: this.#conclude(judged, context, startedMs, waitUntil), contentLength: outcome.contentLength };
  }

  /** What follows from what was found, counted and told. */
  #conclude(
    outcome: Outcome<AnyCause>,
    context: FindingContext,
    startedMs: number,
    waitUntil: WaitUntil | undefined,
  ): ScanResult {
    const missing = this.#cloud.use(null, waitUntil);
    const consequences = this.#judge(outcome, { ...context, policies: null });
    if (!this.#policies.isEmpty) this.#stats.policyEvaluationsTotal += 1;
    const causes = allCauses(outcome, consequences, missing);
    const result = makeResult({ ...outcome, causes }, consequences, this.#options, nowMs() - startedMs);
    this.#record(result, causes, context);
    this.#anomalies.noteRisk(context, result.riskScore);
    return result;
  }

  #reportScan(
    type: "input_scan" | "output_scan" | "deep_scan",
    result: ScanResult,
    { agentId, agentTags, direction }: FindingContext,
    contentLength: number | null,
    waitUntil: WaitUntil | undefined,
  ): void {
    const occurrence = {
      type,
      direction: direction === "input" ? "inbound" : "outbound",
      agentId,
      agentTags,
      action: null,
      actionTaken: result.actionTaken,
      scans: [result],
      policyResult: null,
      paramsHash: null,
      contentLength,
    } as const;
    this.#events.emit(occurrence, waitUntil);
  }

  #outcomeOf(content: unknown, direction: Direction, agentId: string | null): Outcome<Cause> {
    const { l1Enabled, maxInputChars, scanTimeoutMs, l2 } = this.#options;
    if (!l1Enabled && l2 === null) return UNSCANNED;
    const isAllowed = (finding: Finding): boolean => this.#allowlist.has(finding, agentId);
    const knowledge = direction === "output" ? { isAllowed, findMore: this.#findCanaries } : { isAllowed };
    const extent = { l1Enabled, maxInputChars, scanTimeoutMs, l2: l2 && { ...l2, cause: this.#l2?.cause ?? null } };
    return scanContent(this.#core, content, direction, extent, knowledge);
  }

  /** What follows from findings for a subject. */
  #judge({ findings }: Outcome<AnyCause>, subject: Subject, known?: Profile | typeof TRAPPED): Consequences {
    if (findings.length === 0) return NO_CONSEQUENCES;
    const profile = known ?? this.#policies.profile(subject);
    if (profile === TRAPPED) return UNJUDGED;
    const catalog = knownCatalog(this.#core);
    return this.#policies.judgeFindings(
      profile,
      findings,
      (id) => numberOf(id, catalog),
      ({ layer, score }) => (layer === "l2" ? score >= (this.#options.l2?.blockThreshold ?? 1) : null),
    );
  }

  #guard(): Guard {
    const { onBlock, rateLimitStore } = this.#options;
    const judge = this.#isJudgeWaitedFor ? "the judge (`l3Blocking`)" : null;
    return {
      onBlock,
      waitsFor: rateLimitStore === null ? judge : "the `rateLimitStore`",
      decide: (action) => this.#decide(action, "tool_call"),
      decideAsync: (action) => this.#decideAsync(action, "tool_call"),
      print: printWarning,
    };
  }

  get #isJudgeWaitedFor(): boolean {
    return this.#options.judge !== null && this.#options.l3Blocking;
  }

  #decide(action: ToolAction, type: CallType): Decision {
    const resolved = resolveAction(action, this.#options);
    const read = this.#readAction(resolved, action.waitUntil);
    const scan = this.#scanAction(resolved, read);
    const paramsHash = this.#events.hash(resolved.params);
    const policyResult = this.#recordAction(
      this.#actions.validate(callOf(resolved), scan.profile, scan.scanned),
      resolved.context,
    );
    return this.#decisionOf(action, type, resolved, read, scan, policyResult, paramsHash);
  }

  async #decideAsync(action: ToolAction, type: CallType): Promise<Decision> {
    const resolved = resolveAction(action, this.#options);
    const read = this.#readAction(resolved, action.waitUntil);
    const paramsHash = this.#events.hash(resolved.params);
    const unjudged = type === "tool_call" && this.#isJudgeWaitedFor ? this.#holdAction(resolved, read) : null;
    const scan = this.#scanAction(
      resolved,
      unjudged === null ? read : await this.#judgeAction(resolved, read, unjudged),
    );
    const policyResult = this.#recordAction(
      await this.#actions.validateAsync(callOf(resolved), scan.profile, scan.scanned),
      resolved.context,
    );
    return this.#decisionOf(action, type, resolved, read, scan, policyResult, paramsHash);
  }

  #decisionOf(
    { waitUntil }: ToolAction,
    type: CallType,
    resolved: ResolvedAction,
    read: ReadAction,
    { scanResult, contentLength }: ScannedAction,
    policyResult: PolicyResult,
    paramsHash: ParamsHash | null,
  ): Decision {
    const { action, context, policies } = resolved;
    const { agentId, agentTags } = context;
    const behind = new Behind(this.#backlog);
    const isJudged = type === "tool_call" && !policyResult.blocked && !this.#isJudgeWaitedFor;
    behind.add(scanResult, isJudged ? this.#holdAction(resolved, read) : null, (judged) =>
      this.#concludeBehind(judged, scanResult(), context, policies),
    );
    const contextOfResult: FindingContext = { ...context, direction: "output" };
    const inspect = (content: unknown): ScanResult => {
      const startedMs = nowMs();
      const outcome = this.#outcomeOf(content, "output", agentId);
      const result = this.#conclude(outcome, contextOfResult, startedMs, waitUntil);
      behind.add(
        () => result,
        result.blocked ? null : this.#judging.hold(content, outcome, contextOfResult, startedMs),
        (judged) => this.#concludeBehind(judged, result, contextOfResult, null),
      );
      return result;
    };
    const inspectAsync = async (content: unknown): Promise<ScanResult> => {
      if (!this.#isJudgeWaitedFor) return inspect(content);
      const { result } = await this.#scanDeep(content, contextOfResult, waitUntil);
      behind.add(
        () => result,
        null,
        () => result,
      );
      return result;
    };
    const report = (isAlert: boolean): void => {
      if (!this.#events.isOn) return;
      behind.whenJudged((scans) => {
        const actions: readonly Action[] = [policyResult.actionTaken, ...scans.map((scan) => scan.actionTaken)];
        const actionTaken = isAlert ? "alert" : actions.reduce((a, b) => (STRICTNESS[b] > STRICTNESS[a] ? b : a));
        const occurrence = { type, direction: "outbound", agentId, agentTags, action, actionTaken, scans } as const;
        this.#events.emit({ ...occurrence, policyResult, paramsHash, contentLength }, waitUntil);
      });
    };
    return { policyResult, scanResult, inspect, inspectAsync, report };
  }

  /**
   * What follows from what the judge said behind a call. It runs or has run, so it cannot be blocked any more.
   *
   * @param before what the scan came to without the judge
   */
  #concludeBehind(
    judged: Judged,
    before: ScanResult,
    context: FindingContext,
    policies: readonly string[] | null,
  ): ScanResult {
    const consequences = this.#judge(judged, { ...context, policies: this.#policies.known(policies) });
    const action = consequences.action === "block" && before.actionTaken !== "block" ? "alert" : consequences.action;
    const causes = allCauses(judged, consequences, null);
    const stance = { ...this.#options, onError: "open" } as const;
    const result = makeResult({ ...judged, causes }, { ...consequences, action }, stance, before.scanLatencyMs);
    for (const cause of causes) this.#notices.warn(cause, WARNINGS[cause]);
    for (const finding of judged.findings) if (finding.layer === "l3") this.#notices.finding(finding, context);
    if (before.failedOpen === null && result.failedOpen !== null) this.#stats.failOpenTotal += 1;
    if (before.actionTaken === "allow" && result.actionTaken !== "allow") this.#stats.flagsTotal += 1;
    if (this.#options.debug) printDebug(debugLine(result, context.direction));
    return result;
  }

  #readAction({ action, params, context, policies }: ResolvedAction, waitUntil: WaitUntil | undefined): ReadAction {
    const startedMs = nowMs();
    // Before the scan, so that an unknown policy is told before anything is reported.
    const profile = this.#policies.profile({ ...context, policies });
    const missing = this.#cloud.use(policies, waitUntil);
    const outcome = params === null ? UNSCANNED : this.#outcomeOf(params, "input", context.agentId);
    return { profile, missing, outcome: this.#withAnomalies(outcome, action, context), startedMs };
  }

  /** Keeps the arguments for the judge; null when there is none, or no text, or what was found blocks already. */
  #holdAction(
    { params, context, policies }: ResolvedAction,
    { profile, outcome, startedMs }: ReadAction,
  ): Unjudged | null {
    if (this.#options.judge === null || params === null) return null;
    if (this.#judge(outcome, { ...context, policies }, profile).action === "block") return null;
    return this.#judging.hold(params, outcome, context, startedMs);
  }

  async #judgeAction({ context, policies }: ResolvedAction, read: ReadAction, unjudged: Unjudged): Promise<ReadAction> {
    const outcome = await this.#judging.judge(unjudged);
    // The policies may have changed in the meantime.
    return { ...read, outcome, profile: this.#policies.profile({ ...context, policies }) };
  }

  #scanAction(
    { context, policies }: ResolvedAction,
    { profile, missing, outcome, startedMs }: ReadAction,
  ): ScannedAction {
    for (const finding of outcome.findings) this.#notices.finding(finding, context);
    const consequences = this.#judge(outcome, { ...context, policies }, profile);
    const causes = allCauses(outcome, consequences, missing);
    for (const cause of causes) this.#notices.warn(cause, WARNINGS[cause]);
    const latencyMs = nowMs() - startedMs;
    return {
      profile,
      scanned: { violations: consequences.violations, failedOpen: causes[0] ?? null },
      scanResult: () => makeResult({ ...outcome, causes }, consequences, this.#options, latencyMs),
      contentLength: outcome.contentLength,
    };
  }

  /** Adds what is unusual about a call to what was found in its arguments. */
  #withAnomalies(outcome: Outcome<Cause>, tool: string, { agentId, sessionId }: FindingContext): Outcome<Cause> {
    const call = { agentId, sessionId, tool, size: outcome.contentLength, risk: outcome.riskScore };
    const unusual = this.#anomalies.observe(call, nowMs()).filter((finding) => !this.#allowlist.has(finding, agentId));
    return unusual.length === 0 ? outcome : withFindings(outcome, unusual);
  }

  #recordAction(result: PolicyResult, { agentId }: FindingContext): PolicyResult {
    if (result.actionTaken === "block") this.#anomalies.noteBlocked({ agentId }, nowMs());
    const stats = this.#stats;
    stats.policyEvaluationsTotal += 1;
    this.#count(result);
    const cause = result.failedOpen as keyof typeof WARNINGS | null;
    if (cause !== null) this.#notices.warn(cause, WARNINGS[cause]);
    if (this.#options.debug) printDebug(actionLine(result));
    return result;
  }

  #count({ actionTaken, failedOpen }: Pick<ScanResult, "actionTaken" | "failedOpen">): void {
    const stats = this.#stats;
    if (actionTaken === "block") stats.blocksTotal += 1;
    else if (actionTaken !== "allow") stats.flagsTotal += 1;
    if (failedOpen !== null) stats.failOpenTotal += 1;
  }

  #debug(line: string): void {
    if (this.#options.debug) printDebug(`@runesec/scanner: ${line}`);
  }

  #record(result: ScanResult, causes: readonly AnyCause[], context: FindingContext): void {
    this.#stats.scansTotal += 1;
    this.#count(result);
    for (const cause of causes) this.#notices.warn(cause, WARNINGS[cause]);
    for (const finding of result.threatsDetected) this.#notices.finding(finding, context);
    if (this.#options.debug) printDebug(debugLine(result, context.direction));
  }
}

function isFinding(value: unknown): value is Finding {
  const { patternId, fingerprint } = (value ?? {}) as Partial<Finding>;
  return typeof patternId === "string" && typeof fingerprint === "string" && /^[0-9a-f]{16}$/.test(fingerprint);
}

/** Why not all was scanned or judged, the gravest first. */
function allCauses(
  { causes }: Outcome<AnyCause>,
  { isTrapped }: Consequences,
  missing: "policy_sync" | null,
): readonly AnyCause[] {
  const all = isTrapped && !causes.includes("trap") ? (["trap", ...causes] as const) : causes;
  return missing === null ? all : [...all, missing];
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
