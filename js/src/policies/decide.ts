import { TRAPPED } from "../engine.js";
import type { RateLimit } from "../rate-limits/store.js";
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
export type PolicyCause = "trap" | "rate_limit_store";

/** A decision but for the rate limits, which may have to be waited for. */
export interface Draft {
  readonly call: ToolCall;
  readonly violations: readonly Violation[];
  readonly evaluated: readonly string[];
  /** Empty if something blocks anyway: a call that does not run is not counted. */
  readonly limits: readonly RateLimit[];
  readonly limitRules: readonly Rule[];
  readonly taints: readonly Rule[];
  readonly cause: PolicyCause | null;
}

const NOTHING: readonly string[] = Object.freeze([]);

/** Decides all that can be decided at once. `found` are the violations that the call's texts are. */
export function draft(
  policies: Policies,
  sessions: Sessions,
  profile: Profile | typeof TRAPPED,
  call: ToolCall,
  found: readonly Violation[],
  isDryRun: boolean,
): Draft {
  const plan = profile === TRAPPED ? TRAPPED : policies.plan(profile, call.tool);
  const failed = plan === TRAPPED ? TRAPPED : policies.checkArguments(plan, call.params);
  if (profile === TRAPPED || plan === TRAPPED || failed === TRAPPED) {
    return { call, violations: found, evaluated: NOTHING, limits: [], limitRules: [], taints: [], cause: "trap" };
  }
  const { guards, counts, taints } = plan;
  const session = sessionOf(call);
  const entered = guards.filter((rule) => sessions.isTainted(session, nameOf(rule))).map((rule) => violationOf(rule));
  const violations = [...plan.violations, ...failed, ...entered, ...found];
  const limitRules = strictest(violations) === "block" && !isDryRun ? [] : counts;
  const limits = limitRules.map((rule) => limitOf(rule, call, isDryRun));
  return { call, violations, evaluated: profile.evaluated, limits, limitRules, taints, cause: null };
}

/**
 * The decision, once it is known how long each limit makes the call wait; null where that could not be found out.
 *
 * @param scanCause why not all of the call's texts were scanned
 */
export function conclude(
  pending: Draft,
  sessions: Sessions,
  waits: readonly number[] | null,
  stance: { readonly onError: "open" | "closed"; readonly dryRun: boolean },
  scanCause: string | null,
): Omit<PolicyResult, "policyLatencyMs"> {
  const exceeded = pending.limitRules.flatMap((rule, index) => {
    const retryAfterMs = waits?.[index] ?? 0;
    return retryAfterMs > 0 ? [violationOf(rule, { retryAfterMs })] : [];
  });
  const failedOpen = scanCause ?? pending.cause ?? (waits === null ? "rate_limit_store" : null);
  const closed = failedOpen !== null && stance.onError === "closed" ? [closedBy(failedOpen)] : [];
  const violations = strictestFirst([...pending.violations, ...exceeded, ...closed]);
  const actionTaken = strictest(violations);
  const blocked = actionTaken === "block" && !stance.dryRun;
  if (!blocked) for (const rule of pending.taints) sessions.taint(sessionOf(pending.call), nameOf(rule));
  return {
    allowed: !blocked,
    blocked,
    violations: Object.freeze(violations),
    evaluatedPolicies: pending.evaluated,
    actionTaken,
    failedOpen,
    dryRun: stance.dryRun,
  };
}

function closedBy(cause: string): Violation {
  const message = `not all of the call could be checked (${cause}) and \`onError\` is "closed"`;
  return Object.freeze({ policy: null, rule: null, kind: cause, action: "block", severity: "high", message });
}

/** Calls without a session are one session for each agent: what cannot be told apart is not trusted apart. */
function sessionOf({ agentId, sessionId }: ToolCall): string {
  return sessionId === null ? `agent ${agentId ?? ""}` : `session ${sessionId}`;
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
