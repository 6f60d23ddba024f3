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
    const { rateLimitStore } = this.#options;
    if (rateLimitStore === null) return this.validate(call, profile, scanned);
    const { pending, finish } = this.#begin(call, profile, scanned);
    return finish(pending.limits.length === 0 ? [] : await takeFrom(rateLimitStore, pending));
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

/** What the store answers; null when it fails or answers nonsense. */
async function takeFrom(store: RateLimitStore, { limits }: Draft): Promise<readonly number[] | null> {
  try {
    const waits = await store.take(limits);
    return waits.length === limits.length && waits.every((wait) => wait >= 0) ? waits : null;
  } catch {
    return null;
  }
}
