import { allCauses, WARNINGS } from "./causes.js";
import { nowMs } from "./clock.js";
import { actionLine, debugLine } from "./debug-line.js";
import type { TRAPPED } from "./engine.js";
import type { ParamsHash } from "./events/event.js";
import type { WaitUntil } from "./http/wait-until.js";
import { Behind } from "./judging/behind.js";
import type { Judged, Unjudged } from "./judging/judging.js";
import { printDebug, printWarning } from "./notices.js";
import { type ResolvedAction, resolveAction } from "./options.js";
import type { Parts } from "./parts.js";
import { Actions } from "./policies/actions.js";
import type { ScannedParams, ToolCall } from "./policies/decide.js";
import { type Profile, STRICTNESS } from "./policies/policies.js";
import type { Decision, Guard } from "./protect.js";
import { makeResult, type Outcome, withFindings } from "./scan/result.js";
import type { Cause } from "./scan/scan.js";
import { type Scans, UNSCANNED } from "./scans.js";
import type { Action, FindingContext, PolicyResult, ScanResult, ToolAction } from "./types.js";

const FORGOTTEN = "there are too many sessions for `tool_flow` rules to remember all; the oldest was forgotten";

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

/** What calls of tools go through: the scan of their arguments, anomalies, policies, the judge, the scan of their results. */
export class Calls {
  readonly #parts: Parts;
  readonly #scans: Scans;
  readonly #actions: Actions;

  constructor(parts: Parts, scans: Scans) {
    this.#parts = parts;
    this.#scans = scans;
    const { policies, options, notices } = parts;
    this.#actions = new Actions(policies, options, () => notices.warn("sessions_forgotten", FORGOTTEN));
  }

  /** What `protect` needs. */
  guard(): Guard {
    const { onBlock, rateLimitStore } = this.#parts.options;
    const judge = this.#isJudgeWaitedFor ? "the judge (`l3Blocking`)" : null;
    return {
      onBlock,
      waitsFor: rateLimitStore === null ? judge : "the `rateLimitStore`",
      decide: (action) => this.decide(action, "tool_call"),
      decideAsync: (action) => this.decideAsync(action, "tool_call"),
      print: printWarning,
    };
  }

  get #isJudgeWaitedFor(): boolean {
    return this.#parts.options.judge !== null && this.#parts.options.l3Blocking;
  }

  /** Decides about a call at once. */
  decide(action: ToolAction, type: CallType): Decision {
    const resolved = resolveAction(action, this.#parts.options);
    const read = this.#readAction(resolved, action.waitUntil);
    const scan = this.#scanAction(resolved, read);
    const paramsHash = this.#parts.events.hash(resolved.params);
    const policyResult = this.#recordAction(
      this.#actions.validate(callOf(resolved), scan.profile, scan.scanned),
      resolved.context,
    );
    return this.#decisionOf(action, type, resolved, read, scan, policyResult, paramsHash);
  }

  /** Decides about a call after waiting for the judge and the `rateLimitStore`, where they are to be waited for. */
  async decideAsync(action: ToolAction, type: CallType): Promise<Decision> {
    const resolved = resolveAction(action, this.#parts.options);
    const read = this.#readAction(resolved, action.waitUntil);
    const paramsHash = this.#parts.events.hash(resolved.params);
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
    const behind = new Behind(this.#parts.backlog);
    const isJudged = type === "tool_call" && !policyResult.blocked && !this.#isJudgeWaitedFor;
    behind.add(scanResult, isJudged ? this.#holdAction(resolved, read) : null, (judged) =>
      this.#concludeBehind(judged, scanResult(), context, policies),
    );
    const contextOfResult: FindingContext = { ...context, direction: "output" };
    const inspect = (content: unknown): ScanResult => {
      const startedMs = nowMs();
      const outcome = this.#scans.outcomeOf(content, "output", agentId);
      const result = this.#scans.conclude(outcome, contextOfResult, startedMs, waitUntil);
      behind.add(
        () => result,
        result.blocked ? null : this.#parts.judging.hold(content, outcome, contextOfResult, startedMs),
        (judged) => this.#concludeBehind(judged, result, contextOfResult, null),
      );
      return result;
    };
    const inspectAsync = async (content: unknown): Promise<ScanResult> => {
      if (!this.#isJudgeWaitedFor) return inspect(content);
      const { result } = await this.#scans.scanDeep(content, contextOfResult, waitUntil);
      behind.add(() => result);
      return result;
    };
    const report = (isAlert: boolean): void => {
      if (!this.#parts.events.isOn) return;
      behind.whenJudged((scans) => {
        const actions: readonly Action[] = [policyResult.actionTaken, ...scans.map((scan) => scan.actionTaken)];
        const actionTaken = isAlert ? "alert" : actions.reduce((a, b) => (STRICTNESS[b] > STRICTNESS[a] ? b : a));
        const occurrence = { type, direction: "outbound", agentId, agentTags, action, actionTaken, scans } as const;
        this.#parts.events.emit({ ...occurrence, policyResult, paramsHash, contentLength }, waitUntil);
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
    const consequences = this.#scans.judge(judged, { ...context, policies: this.#parts.policies.known(policies) });
    const action = consequences.action === "block" && before.actionTaken !== "block" ? "alert" : consequences.action;
    const causes = allCauses(judged, consequences, null);
    const stance = { ...this.#parts.options, onError: "open" } as const;
    const result = makeResult({ ...judged, causes }, { ...consequences, action }, stance, before.scanLatencyMs);
    for (const cause of causes) this.#parts.notices.warn(cause, WARNINGS[cause]);
    for (const finding of judged.findings) if (finding.layer === "l3") this.#parts.notices.finding(finding, context);
    if (before.failedOpen === null && result.failedOpen !== null) this.#scans.counts.failOpenTotal += 1;
    if (before.actionTaken === "allow" && result.actionTaken !== "allow") this.#scans.counts.flagsTotal += 1;
    if (this.#parts.options.debug) printDebug(debugLine(result, context.direction));
    return result;
  }

  #readAction({ action, params, context, policies }: ResolvedAction, waitUntil: WaitUntil | undefined): ReadAction {
    const startedMs = nowMs();
    // Before the scan, so that an unknown policy is told before anything is reported.
    const profile = this.#parts.policies.profile({ ...context, policies });
    const missing = this.#parts.cloud.use(policies, waitUntil);
    const outcome = params === null ? UNSCANNED : this.#scans.outcomeOf(params, "input", context.agentId);
    return { profile, missing, outcome: this.#withAnomalies(outcome, action, context), startedMs };
  }

  /** Keeps the arguments for the judge; null when there is none, or no text, or what was found blocks already. */
  #holdAction(
    { params, context, policies }: ResolvedAction,
    { profile, outcome, startedMs }: ReadAction,
  ): Unjudged | null {
    if (this.#parts.options.judge === null || params === null) return null;
    if (this.#scans.judge(outcome, { ...context, policies }, profile).action === "block") return null;
    return this.#parts.judging.hold(params, outcome, context, startedMs);
  }

  async #judgeAction({ context, policies }: ResolvedAction, read: ReadAction, unjudged: Unjudged): Promise<ReadAction> {
    const outcome = await this.#parts.judging.judge(unjudged);
    // The policies may have changed in the meantime.
    return { ...read, outcome, profile: this.#parts.policies.profile({ ...context, policies }) };
  }

  #scanAction(
    { context, policies }: ResolvedAction,
    { profile, missing, outcome, startedMs }: ReadAction,
  ): ScannedAction {
    for (const finding of outcome.findings) this.#parts.notices.finding(finding, context);
    const consequences = this.#scans.judge(outcome, { ...context, policies }, profile);
    const causes = allCauses(outcome, consequences, missing);
    for (const cause of causes) this.#parts.notices.warn(cause, WARNINGS[cause]);
    const latencyMs = nowMs() - startedMs;
    return {
      profile,
      scanned: { violations: consequences.violations, failedOpen: causes[0] ?? null },
      scanResult: () => makeResult({ ...outcome, causes }, consequences, this.#parts.options, latencyMs),
      contentLength: outcome.contentLength,
    };
  }

  /** Adds what is unusual about a call to what was found in its arguments. */
  #withAnomalies(outcome: Outcome<Cause>, tool: string, { agentId, sessionId }: FindingContext): Outcome<Cause> {
    const call = { agentId, sessionId, tool, size: outcome.contentLength, risk: outcome.riskScore };
    const unusual = this.#parts.anomalies
      .observe(call, nowMs())
      .filter((finding) => !this.#parts.allowlist.has(finding, agentId));
    return unusual.length === 0 ? outcome : withFindings(outcome, unusual);
  }

  #recordAction(result: PolicyResult, { agentId }: FindingContext): PolicyResult {
    if (result.actionTaken === "block") this.#parts.anomalies.noteBlocked({ agentId }, nowMs());
    this.#scans.counts.policyEvaluationsTotal += 1;
    this.#scans.count(result);
    const cause = result.failedOpen as keyof typeof WARNINGS | null;
    if (cause !== null) this.#parts.notices.warn(cause, WARNINGS[cause]);
    if (this.#parts.options.debug) printDebug(actionLine(result));
    return result;
  }
}

function callOf({ action, params, context }: ResolvedAction): ToolCall {
  return { agentId: context.agentId, sessionId: context.sessionId, tool: action, params };
}
