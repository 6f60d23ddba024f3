import { PolicySyncError } from "../errors.js";
import { backoffMs } from "../http/backoff.js";
import type { Trouble } from "../http/request.js";
import type { SyncAnswer } from "./sync-request.js";

/** Why a sync failed, the kinds apart of which each is told once. */
export type SyncTrouble = "policy_sync_failed" | "policy_sync_refused" | "policy_sync_invalid";

/** All that syncing knows of the world. */
export interface SyncWorld {
  /** Milliseconds from any beginning. */
  nowMs(): number;
  /** From 0 to 1, exclusive. */
  random(): number;
  /** Calls back once, after so many milliseconds. A process may end before it. */
  setTimer(callback: () => void, afterMs: number): unknown;
  clearTimer(timer: unknown): void;
  /** Asks the server once; never rejects. */
  ask(etag: string | null, cancelled: AbortSignal): Promise<SyncAnswer>;
  /**
   * Puts what the server said in force.
   *
   * @returns false when it is nothing that a server of policies says
   * @throws {PolicySyncError} when it cannot be used; nothing has changed then
   */
  apply(text: string): boolean;
  /** Whether syncs go by themselves; elsewhere they go when policies are used. */
  readonly hasTimers: boolean;
  /** Told what became of each sync, for debugging. */
  note(line: string): void;
  warn(trouble: SyncTrouble, error: PolicySyncError): void;
}

/** How often, and how long a request may take. */
export interface SyncPace {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** How many syncs there were. */
export interface SyncCounts {
  /** Those that went well, whether anything was new or not. */
  readonly policySyncsTotal: number;
  readonly policySyncFailuresTotal: number;
}

/** How long the request of another call is waited for where it may vanish with that call. */
const PATIENCE_MS = 1000;

/** A request that is under way. */
interface Flight {
  readonly number: number;
  readonly startedMs: number;
  readonly cancel: AbortController;
  /** Never rejects. */
  readonly landed: Promise<void>;
}

/**
 * Asks the server for its policies again and again. What it said last stays in force whatever comes.
 *
 * With timers a sync follows the other; a Shield that nobody holds any more ends that. Without, it is begun by the next use
 * after its time, which itself goes on with what is there.
 */
export class PolicySync {
  readonly #world: SyncWorld;
  readonly #pace: SyncPace;
  #etag: string | null = null;
  #flight: Flight | null = null;
  #flights = 0;
  /** The number of the request whose answer was looked at last. */
  #answered = 0;
  #failures = 0;
  #syncs = 0;
  #syncFailures = 0;
  /** When the next sync was planned, and for when. */
  #plannedMs = Number.NEGATIVE_INFINITY;
  #dueMs = Number.NEGATIVE_INFINITY;
  #timer: unknown = null;
  #isClosed = false;

  constructor(world: SyncWorld, pace: SyncPace) {
    this.#world = world;
    this.#pace = pace;
  }

  get counts(): SyncCounts {
    return { policySyncsTotal: this.#syncs, policySyncFailuresTotal: this.#syncFailures };
  }

  /** Whether the server has said what holds, once at least. */
  get hasArrived(): boolean {
    return this.#syncs > 0;
  }

  /** Begins where there are timers. */
  start(): void {
    if (this.#world.hasTimers) void this.#launch();
  }

  /**
   * Begins a sync if it is time and none is under way, where there are no timers.
   *
   * @returns what to wait for, so that it is not lost; null when nothing was begun
   */
  refresh(): Promise<void> | null {
    if (this.#world.hasTimers || this.#isClosed) return null;
    const nowMs = this.#world.nowMs();
    if (this.#flight !== null && !this.#isLost(this.#flight, nowMs)) return null;
    if (this.#flight !== null) this.#lose();
    // A clock that was set back must not put off the sync until it has caught up.
    return nowMs >= this.#dueMs || nowMs < this.#plannedMs ? this.#launch() : null;
  }

  /** Resolves when the first sync is done or failed, or this is closed. Never rejects. */
  async ready(): Promise<void> {
    while (this.#answered === 0 && !this.#isClosed) {
      const flight = this.#flight;
      if (flight === null) await this.#launch();
      else if (this.#world.hasTimers) await flight.landed;
      else {
        await this.#atMost(PATIENCE_MS, flight.landed);
        if (this.#answered === 0 && !this.#isClosed) await this.#launch();
      }
    }
  }

  /** Ends what is under way, and begins no more. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) this.#world.clearTimer(this.#timer);
    this.#flight?.cancel.abort();
    this.#flight = null;
  }

  /** Whether nothing will be heard of a request any more, since it was bound to a Worker's call that has ended. */
  #isLost({ startedMs }: Flight, nowMs: number): boolean {
    return nowMs - startedMs > this.#pace.timeoutMs + 1000 || nowMs < startedMs;
  }

  #lose(): void {
    this.#flight = null;
    this.#countFailure("policy_sync_failed", "nothing was heard of the request; in a Worker pass `waitUntil`");
  }

  #launch(): Promise<void> {
    const cancel = new AbortController();
    const number = ++this.#flights;
    const landed = this.#world.ask(this.#etag, cancel.signal).then((answer) => {
      if (this.#flight === flight) this.#flight = null;
      // A slow answer must not undo what a later request has brought.
      if (this.#isClosed || number < this.#answered) return;
      this.#answered = number;
      this.#settle(answer);
    });
    const flight: Flight = { number, startedMs: this.#world.nowMs(), cancel, landed };
    this.#flight = flight;
    return landed;
  }

  #settle(answer: SyncAnswer): void {
    if (answer.kind === "unchanged") this.#succeed("unchanged");
    else if (answer.kind === "changed") this.#settleChanged(answer.text, answer.etag);
    else this.#settleTrouble(answer);
  }

  #settleChanged(text: string, etag: string | null): void {
    try {
      if (!this.#world.apply(text)) {
        this.#fail("policy_sync_failed", "the answer was not that of a policy server", 0);
        return;
      }
    } catch (error) {
      const reason = PolicySyncError.isInstance(error) ? error.reason : "the answer could not be read";
      // It is the same until somebody has put it right.
      this.#fail("policy_sync_invalid", reason, this.#jitteredMs());
      return;
    }
    this.#etag = etag;
    this.#succeed("changed");
  }

  #settleTrouble(trouble: Trouble): void {
    if (trouble.kind === "failed") this.#fail("policy_sync_failed", trouble.reason, trouble.afterMs ?? 0);
    else this.#fail("policy_sync_refused", `the server answered ${trouble.status}`, this.#jitteredMs());
  }

  #succeed(what: string): void {
    this.#syncs += 1;
    this.#failures = 0;
    const waitMs = this.#jitteredMs();
    this.#plan(waitMs);
    this.#world.note(`policies: ${what}; again in ${Math.round(waitMs)} ms`);
  }

  #fail(trouble: SyncTrouble, reason: string, leastMs: number): void {
    this.#countFailure(trouble, reason);
    const waitMs = Math.max(backoffMs(this.#failures, this.#world.random()), leastMs);
    this.#plan(waitMs);
    this.#world.note(`policies: not synced, ${reason}; again in ${Math.round(waitMs)} ms`);
  }

  #countFailure(trouble: SyncTrouble, reason: string): void {
    this.#failures += 1;
    this.#syncFailures += 1;
    this.#world.warn(trouble, new PolicySyncError(reason));
  }

  /** The interval, a tenth more or less: processes that were started together must not ask together for ever. */
  #jitteredMs(): number {
    return this.#pace.intervalMs * (0.9 + 0.2 * this.#world.random());
  }

  #plan(waitMs: number): void {
    this.#plannedMs = this.#world.nowMs();
    this.#dueMs = this.#plannedMs + waitMs;
    if (!this.#world.hasTimers) return;
    // The timer must not keep alive a Shield that was forgotten unclosed.
    const self = new WeakRef(this);
    this.#timer = this.#world.setTimer(() => {
      const alive = self.deref();
      if (alive !== undefined) void alive.#launch();
    }, waitMs);
  }

  /** Waits for a promise of another call, and no longer than that; workerd rejects it when that call has ended. */
  async #atMost(afterMs: number, promise: Promise<void>): Promise<void> {
    let timer: unknown = null;
    const tooLate = new Promise<void>((resolve) => {
      timer = this.#world.setTimer(resolve, afterMs);
    });
    await Promise.race([promise, tooLate]).catch(() => {});
    this.#world.clearTimer(timer);
  }
}
