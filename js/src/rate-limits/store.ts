/** One limit that a call must keep to. */
export interface RateLimit {
  /** Whom or what it counts for: opaque, of any length, may hold any character; comes from untrusted ids. */
  readonly key: string;
  /** Calls, an integer of 1 or more. */
  readonly maxCalls: number;
  /** Milliseconds, more than 0; may be a fraction. */
  readonly windowMs: number;
  /** Whether a call beyond it is refused. If not (alert and log rules, dry runs), it is told and counted all the same. */
  readonly isEnforced: boolean;
}

/**
 * Counts calls in exact sliding windows: a call at time `t` lies in the window until `t + windowMs`, exclusive, and a limit is
 * exhausted while `maxCalls` counted calls lie in it.
 */
export interface RateLimitStore {
  /**
   * Takes one call from each limit; from none of them if an enforced one is exhausted. No two limits have the same key.
   *
   * Answers, for each limit in order, 0 or the milliseconds after which a call would pass, more than 0. Rejects when it
   * cannot count.
   */
  take(limits: readonly RateLimit[]): Promise<readonly number[]>;
}
