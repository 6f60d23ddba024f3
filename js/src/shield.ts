// Who compiles against the declarations may have a library without `Symbol.asyncDispose`.
/// <reference lib="esnext.disposable" preserve="true" />
import { Calls } from "./calls.js";
import { WARNINGS } from "./causes.js";
import { nowMs } from "./clock.js";
import { TRAPPED } from "./engine.js";
import { ConfigurationError, L2UnavailableError, RuneError } from "./errors.js";
import type { WaitUntil } from "./http/wait-until.js";
import {
  checkProtectOptions,
  checkSpotlightOptions,
  resolveContext,
  resolveExamples,
  resolveOptions,
  resolveSubject,
} from "./options.js";
import { makeParts, type Parts, textSource } from "./parts.js";
import { type Protector, protectorOf } from "./protect.js";
import { pseudonymizeText } from "./pseudonymize.js";
import { redactText } from "./redact.js";
import { Scans } from "./scans.js";
import { spotlightText } from "./spotlight.js";
import { scanningStream } from "./stream/scanning-stream.js";
import { StreamScan } from "./stream/stream-scan.js";
import type {
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
  ScanStream,
  ShieldConfig,
  ShieldStats,
  Spotlighted,
  SpotlightOptions,
  ToolAction,
} from "./types.js";

/**
 * Guards an agent: scans what goes in and what comes out, and redacts. Make one, at module scope, and keep it.
 *
 * Making one instantiates the core. With an API key it begins to sync policies in Node, Deno and Bun; elsewhere, and without,
 * it draws no randomness, opens no connection and starts no timer.
 */
export class Shield {
  readonly #parts: Parts;
  readonly #scans: Scans;
  readonly #calls: Calls;

  /**
   * @throws {ConfigurationError} when an option is unknown or ill-typed, or a custom pattern cannot be used
   * @throws {PolicyError} when a policy cannot be used
   * @throws {L2UnavailableError} when L2 is on and there is no model for it, or one that cannot be used
   * @throws {RuneError} `core_unavailable` when the runtime refuses the wasm
   */
  constructor(config?: ShieldConfig) {
    this.#parts = makeParts(resolveOptions(config));
    this.#scans = new Scans(this.#parts);
    this.#calls = new Calls(this.#parts, this.#scans);
  }

  /** Counters since this Shield was made; a snapshot. */
  get stats(): ShieldStats {
    const { queued, sent, failed, dropped } = this.#parts.events.deliveries;
    const judgements = this.#parts.judging.counts;
    return Object.freeze({
      ...this.#scans.counts,
      ...this.#parts.cloud.counts,
      judgementsTotal: judgements.asked,
      judgementsFailedTotal: judgements.failed,
      judgementsSkippedTotal: this.#parts.backlog.skipped,
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
    const resolved = resolveContext(context, "input", this.#parts.options);
    const { waitUntil } = context ?? {};
    const { result, contentLength } = await this.#scans.scanDeep(content, resolved, waitUntil);
    this.#reportScan("deep_scan", result, resolved, contentLength, waitUntil);
    return result;
  }

  /**
   * Scans what a model says while it says it. What comes out has personal data and secrets replaced, as `redact` does it, and only
   * what could still become one is held back, or a link that carries data out; at most 16 kB. Threats are looked for on the way
   * and found at most 256 UTF-16 units behind their end; what blocks ends the stream, which has handed on what precedes it (and,
   * of attacks in prose, some of their own words).
   *
   * `result` resolves when the stream is over, however it ends, and never rejects. Its `sanitizedContent` is null: the stream is it.
   * The stream fails with `core_failed` when the core fails, and with a `ContentError` at a chunk that is no string.
   */
  scanStream(context?: ScanContext): ScanStream {
    const resolved = resolveContext(context, "output", this.#parts.options);
    const scan = new StreamScan(this.#parts, this.#scans, resolved);
    return scanningStream(scan, (failure) => {
      const result = scan.conclude(failure, context?.waitUntil);
      this.#reportScan("stream_scan", result, resolved, scan.length, context?.waitUntil);
      return result;
    });
  }

  /**
   * The text with personal data and secrets replaced, or with what `patterns` names.
   *
   * @throws {ConfigurationError} when an option is ill-typed or a pattern unknown
   * @throws {ContentError} when the text is no string
   * @throws {RuneError} `core_failed` when the core fails; unredacted text is never returned
   */
  redact(text: string, options?: RedactOptions): string {
    return redactText(this.#parts.core, text, options, () => this.#parts.notices.warn("trap", WARNINGS.trap));
  }

  /**
   * The text with a placeholder for each piece of personal data and each secret, and the way back.
   *
   * @throws {ContentError} when the text is no string
   * @throws {RuneError} `core_failed` when the text cannot be searched in full; nothing is returned then
   */
  pseudonymize(text: string): Pseudonymized {
    return pseudonymizeText(this.#parts.core, text);
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
    if (isFinding(contentOrFinding)) return this.#parts.allowlist.add([contentOrFinding]);
    const findings = (["input", "output"] as const).flatMap(
      (direction) => this.#scans.outcomeOf(contentOrFinding, direction, null).findings,
    );
    if (findings.length === 0)
      throw new ConfigurationError("nothing is found in the content, so nothing can be allowed");
    return this.#parts.allowlist.add(findings);
  }

  /**
   * Takes back what was allowed.
   *
   * @throws {ConfigurationError} when there is nothing of this id
   */
  removeAllowed(id: string): void {
    this.#parts.allowlist.remove(id);
  }

  /**
   * Adds attacks to those that L2 compares texts with: what reads like them is found from now on. Few and typical ones do best.
   * Of a long one each stretch of 32 words is an attack of its own.
   *
   * @throws {ConfigurationError} when an argument is ill-typed, or there are more than 1,000 such stretches
   * @throws {L2UnavailableError} when L2 is off or has no model
   */
  addAttackExamples(texts: readonly string[], options?: AttackExampleOptions): void {
    const type = resolveExamples(texts, options);
    if (this.#parts.l2 === null) throw new L2UnavailableError("`addAttackExamples` needs `l2Enabled: true`");
    this.#parts.l2.addExamples(texts, type);
  }

  /** A mark for the system prompt. From now on `scanOutput` reports a text that shows it, spaced or encoded, too. */
  canary(): Canary {
    return this.#parts.canaries.make();
  }

  /**
   * Says whether an agent may do what it is about to do, and counts the call if so. The texts in `params` are scanned as
   * input, and decide likewise where no rule speaks about what is found in them.
   *
   * @throws {ConfigurationError} when a field is unknown or ill-typed, a policy that is asked for is unknown, or a rate limit
   * applies that is kept in a `rateLimitStore`
   */
  validateAction(action: ToolAction): PolicyResult {
    const decision = this.#calls.decide(action, "policy_check");
    decision.report(false);
    return decision.policyResult;
  }

  /**
   * The same, waiting for the `rateLimitStore`.
   *
   * @throws {ConfigurationError} (as a rejection) when a field is unknown or ill-typed, or a policy that is asked for is unknown
   */
  async validateActionAsync(action: ToolAction): Promise<PolicyResult> {
    const decision = await this.#calls.decideAsync(action, "policy_check");
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
    return protectorOf(this.#calls.guard(), options);
  }

  /** The policies in force. */
  get policies(): readonly PolicySummary[] {
    return Object.freeze(this.#parts.policies.list());
  }

  /**
   * Puts a policy in force; one with the same name is replaced.
   *
   * @param yaml a policy document
   * @returns its name; one without a name becomes `policy-1`, `policy-2`, …
   * @throws {PolicyError} when it cannot be used; nothing has changed then
   */
  addPolicy(yaml: string): string {
    return this.#parts.policies.add(textSource("policy", yaml));
  }

  /**
   * Puts a policy out of force.
   *
   * @throws {ConfigurationError} when there is none of this name
   */
  removePolicy(name: string): void {
    this.#parts.policies.remove(name);
  }

  /**
   * What each rule has to do with an agent, and why. Nothing is counted.
   *
   * @throws {ConfigurationError} when a field is unknown or ill-typed, or a policy that is asked for is unknown
   */
  explainPolicies(subject?: PolicySubject): readonly RuleStanding[] {
    const standings = this.#parts.policies.standings(resolveSubject(subject, this.#parts.options));
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
    await Promise.all([this.#parts.cloud.ready(), this.#parts.l2?.ready()]);
  }

  /**
   * Delivers the events that wait now, after what is still judged behind calls; resolves when they are delivered, or after one
   * failed attempt. Never rejects.
   */
  async flush(): Promise<void> {
    if (!this.#parts.backlog.isEmpty) await this.#parts.backlog.settled();
    return this.#parts.events.flush();
  }

  /**
   * Delivers the events that wait, within `connectionTimeoutSeconds` and a second. What cannot be delivered stays in the spool
   * or is counted as dropped, and so are later events; scans go on, by the policies that are in force now. Never rejects.
   */
  close(): Promise<void> {
    this.#parts.cloud.close();
    this.#parts.backlog.cancel();
    return this.#parts.events.close();
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
    const resolved = resolveContext(context, direction, this.#parts.options);
    const outcome = this.#scans.outcomeOf(content, resolved.direction, resolved.agentId);
    const result = this.#scans.conclude(outcome, resolved, startedMs, context?.waitUntil);
    const type = `${resolved.direction}_scan` as const;
    this.#reportScan(type, result, resolved, outcome.contentLength, context?.waitUntil);
    return result;
  }

  #reportScan(
    type: "input_scan" | "output_scan" | "deep_scan" | "stream_scan",
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
    this.#parts.events.emit(occurrence, waitUntil);
  }
}

function isFinding(value: unknown): value is Finding {
  const { patternId, fingerprint } = (value ?? {}) as Partial<Finding>;
  return typeof patternId === "string" && typeof fingerprint === "string" && /^[0-9a-f]{16}$/.test(fingerprint);
}
