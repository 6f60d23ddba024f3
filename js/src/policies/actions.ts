import { nowMs } from "../clock.js";
import type { TRAPPED } from "../engine.js";
import { ConfigurationError } from "../errors.js";
import { MemoryRateLimits } from "../rate-limits/memory.js";
import type { RateLimitStore } from "../rate-limits/store.js";
import type { PolicyResult, Violation } from "../types.js";
import { conclude, type Draft, draft, type ToolCall } from "./decide.js";
import type { Policies, Profile } from "./policies.js";
import { Sessions } from "./sessions.js";

/** What the scan of a call's arguments came to. */
export interface ScannedParams {
  /** The violations that the findings are. */
  readonly violations: readonly Violation[];
  /** Why not all was scanned. */
  readonly failedOpen: string | null;
}

/** What the Shield says about how strict to be. */
export interface ActionOptions {
  readonly onError: "open" | "closed";
  readonly dryRun: boolean;
  readonly rateLimitStore: RateLimitStore | null;
  /** How long the store is waited for. */
  readonly connectionTimeoutSeconds: number;
}

type Finish = (waits: readonly number[] | null) => PolicyResult;

/** Decides about calls of tools, and keeps what was called before. */
export class Actions {
  readonly #policies: Policies;
  readonly #options: ActionOptions;
  readonly #sessions: Sessions;
  readonly #rateLimits = new MemoryRateLimits(nowMs);

  /** @param onForgotten called when there are too many sessions to remember all */
  constructor(policies: Policies, options: ActionOptions, onForgotten: () => void) {
    this.#policies = policies;
    this.#options = options;
    this.#sessions = new Sessions(onForgotten);
  }

  /**
   * Decides at once.
   *
   * @throws {ConfigurationError} when a rate limit applies and is kept in a shared store
   */
  validate(call: ToolCall, profile: Profile | typeof TRAPPED, scanned: ScannedParams): PolicyResult {
    const { pending, finish } = this.#begin(call, profile, scanned);
    if (pending.limits.length === 0) return finish([]);
    if (this.#options.rateLimitStore !== null) {
      throw new ConfigurationError(
        "a rate limit applies and `rateLimitStore` has to be waited for: use `validateActionAsync`",
      );
    }
    return finish(this.#rateLimits.take(pending.limits));
  }

  /** Decides, after waiting for the shared store if there is one. */
  async validateAsync(
    call: ToolCall,
    profile: Profile | typeof TRAPPED,
    scanned: ScannedParams,
  ): Promise<PolicyResult> {
    const { rateLimitStore, connectionTimeoutSeconds } = this.#options;
    if (rateLimitStore === null) return this.validate(call, profile, scanned);
    const { pending, finish } = this.#begin(call, profile, scanned);
    return finish(
      pending.limits.length === 0 ? [] : await takeFrom(rateLimitStore, pending, connectionTimeoutSeconds * 1000),
    );
  }

  #begin(
    call: ToolCall,
    profile: Profile | typeof TRAPPED,
    scanned: ScannedParams,
  ): { pending: Draft; finish: Finish } {
    const startedMs = nowMs();
    const pending = draft(this.#policies, this.#sessions, profile, call, scanned.violations, this.#options.dryRun);
    const finish: Finish = (waits) => {
      const result = conclude(pending, this.#sessions, waits, this.#options, scanned.failedOpen);
      return Object.freeze({ ...result, policyLatencyMs: nowMs() - startedMs });
    };
    return { pending, finish };
  }
}

/** What the store answers; null when it fails, answers nonsense or takes too long. */
async function takeFrom(
  store: RateLimitStore,
  { limits }: Draft,
  timeoutMs: number,
): Promise<readonly number[] | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, null);
  });
  try {
    const waits = await Promise.race([store.take(limits), tooLate]);
    const isAnswer = waits !== null && waits.length === limits.length && waits.every((wait) => wait >= 0);
    return isAnswer ? waits : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
