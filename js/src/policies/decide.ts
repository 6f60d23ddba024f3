import { nowMs } from "../clock.js";
import { TRAPPED } from "../engine.js";
import type { RateLimit } from "../rate-limits/store.js";
import { sessionOf } from "../session.js";
import type { PolicyResult, Violation } from "../types.js";
import { type Policies, type Profile, strictest, strictestFirst, violationOf } from "./policies.js";
import type { Rule } from "./rules.js";
import type { Sessions } from "./sessions.js";

/** The call of a tool. */
export interface ToolCall {
  readonly agentId: string | null;
  readonly sessionId: string | null;
  readonly tool: string;
  readonly params: unknown;
}

/** Why a policy could not be followed, the gravest first. */
export type PolicyCause = "trap" | "policy_sync" | "rate_limit_store";

/** What the scan of a call's arguments came to. */
export interface ScannedParams {
  /** The violations that the findings are. */
  readonly violations: readonly Violation[];
  /** Why not all was scanned. */
  readonly failedOpen: string | null;
}

/** A decision but for the rate limits, which may have to be waited for. */
export interface Draft {
  readonly call: ToolCall;
  readonly startedMs: number;
  readonly violations: readonly Violation[];
  readonly evaluated: readonly string[];
  /** Empty if something blocks anyway: a call that does not run is not counted. */
  readonly limits: readonly RateLimit[];
  readonly limitRules: readonly Rule[];
  readonly taints: readonly Rule[];
  readonly cause: string | null;
}

// Most calls leave most lists empty; one that is shared costs nothing.
const NONE: readonly never[] = Object.freeze([]);

/** Decides all that can be decided at once. */
export function draft(
  policies: Policies,
  sessions: Sessions,
  profile: Profile | typeof TRAPPED,
  call: ToolCall,
  scanned: ScannedParams,
  isDryRun: boolean,
): Draft {
  const startedMs = nowMs();
  const plan = profile === TRAPPED ? TRAPPED : policies.plan(profile, call.tool);
  const failed = plan === TRAPPED ? TRAPPED : policies.checkArguments(plan, call.params);
  const found = scanned.violations;
  if (profile === TRAPPED || plan === TRAPPED || failed === TRAPPED) {
    const none = { evaluated: NONE, limits: NONE, limitRules: NONE, taints: NONE };
    return { call, startedMs, violations: found, ...none, cause: "trap" };
  }
  const { guards, counts, taints } = plan;
  const isTainted = (rule: Rule): boolean => sessions.isTainted(sessionOf(call), nameOf(rule));
  const entered = guards.length === 0 ? NONE : guards.filter(isTainted).map((rule) => violationOf(rule));
  const violations = together(together(plan.violations, failed), together(entered, found));
  const isCounted = counts.length > 0 && (isDryRun || strictest(violations) !== "block");
  const limitRules = isCounted ? counts : NONE;
  const limits = isCounted ? counts.map((rule) => limitOf(rule, call, isDryRun)) : NONE;
  const cause = scanned.failedOpen;
  return { call, startedMs, violations, evaluated: profile.evaluated, limits, limitRules, taints, cause };
}

/** The decision, once it is known how long each limit makes the call wait; null where that could not be found out. */
export function conclude(
  pending: Draft,
  sessions: Sessions,
  waits: readonly number[] | null,
  { onError, dryRun }: { readonly onError: "open" | "closed"; readonly dryRun: boolean },
): PolicyResult {
  const { call, startedMs, limitRules, taints, evaluated } = pending;
  const exceeded =
    limitRules.length === 0 ? NONE : limitRules.flatMap((rule, index) => exceededBy(rule, waits?.[index]));
  const failedOpen = pending.cause ?? (waits === null ? "rate_limit_store" : null);
  const closed = failedOpen !== null && onError === "closed" ? [closedBy(failedOpen)] : NONE;
  const violations = strictestFirst(together(together(pending.violations, exceeded), closed));
  const actionTaken = violations[0]?.action ?? "allow";
  const blocked = actionTaken === "block" && !dryRun;
  if (!blocked && taints.length > 0) for (const rule of taints) sessions.taint(sessionOf(call), nameOf(rule));
  return Object.freeze({
    allowed: !blocked,
    blocked,
    violations,
    evaluatedPolicies: evaluated,
    actionTaken,
    failedOpen,
    dryRun,
    policyLatencyMs: nowMs() - startedMs,
  });
}

function together<T>(some: readonly T[], others: readonly T[]): readonly T[] {
  if (others.length === 0) return some;
  return some.length === 0 ? others : [...some, ...others];
}

function exceededBy(rule: Rule, retryAfterMs = 0): Violation[] {
  return retryAfterMs > 0 ? [violationOf(rule, { retryAfterMs })] : [];
}

function closedBy(cause: string): Violation {
  const message = `not all of the call could be checked (${cause}) and \`onError\` is "closed"`;
  return Object.freeze({ policy: null, rule: null, kind: cause, action: "block", severity: "high", message });
}

function nameOf({ document, name }: Rule): string {
  return `${document}/${name}`;
}

function limitOf(rule: Rule, call: ToolCall, isDryRun: boolean): RateLimit {
  const { per, maxCalls, windowSeconds } = rule.limit ?? { per: "global", maxCalls: 1, windowSeconds: 1 };
  const whose = { agent: call.agentId, tool: call.tool, session: call.sessionId, global: null }[per];
  return {
    // The subject stands last, and names hold no line break: no two limits have the same key.
    key: `${nameOf(rule)}\n${per}${whose === null ? "" : `\n${whose}`}`,
    maxCalls,
    windowMs: windowSeconds * 1000,
    isEnforced: rule.action === "block" && !isDryRun,
  };
}
