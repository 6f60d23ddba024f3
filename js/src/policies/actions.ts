import { nowMs } from "../clock.js";
import type { TRAPPED } from "../engine.js";
import { ConfigurationError } from "../errors.js";
import { MemoryRateLimits } from "../rate-limits/memory.js";
import type { RateLimitStore } from "../rate-limits/store.js";
import type { PolicyResult } from "../types.js";
import { conclude, type Draft, draft, type ScannedParams, type ToolCall } from "./decide.js";
import type { Policies, Profile } from "./policies.js";
import { Sessions } from "./sessions.js";

/** What the Shield says about how strict to be. */
export interface ActionOptions {
  readonly onError: "open" | "closed";
  readonly dryRun: boolean;
  readonly rateLimitStore: RateLimitStore | null;
  /** How long the store is waited for. */
  readonly connectionTimeoutSeconds: number;
}

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
    const pending = this.#draft(call, profile, scanned);
    if (pending.limits.length === 0) return this.#conclude(pending, NO_WAITS);
    if (this.#options.rateLimitStore !== null) {
      throw new ConfigurationError(
        "a rate limit applies and `rateLimitStore` has to be waited for: use `validateActionAsync`",
      );
    }
    return this.#conclude(pending, this.#rateLimits.take(pending.limits));
  }

  /** Decides, after waiting for the shared store if there is one. */
  async validateAsync(
    call: ToolCall,
    profile: Profile | typeof TRAPPED,
    scanned: ScannedParams,
  ): Promise<PolicyResult> {
    const { rateLimitStore, connectionTimeoutSeconds } = this.#options;
    if (rateLimitStore === null) return this.validate(call, profile, scanned);
    const pending = this.#draft(call, profile, scanned);
    const waits =
      pending.limits.length === 0 ? NO_WAITS : await takeFrom(rateLimitStore, pending, connectionTimeoutSeconds * 1000);
    return this.#conclude(pending, waits);
  }

  #draft(call: ToolCall, profile: Profile | typeof TRAPPED, scanned: ScannedParams): Draft {
    return draft(this.#policies, this.#sessions, profile, call, scanned, this.#options.dryRun);
  }

  #conclude(pending: Draft, waits: readonly number[] | null): PolicyResult {
    return conclude(pending, this.#sessions, waits, this.#options);
  }
}

const NO_WAITS: readonly number[] = [];

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
