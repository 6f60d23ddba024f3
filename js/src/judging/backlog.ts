import { nowMs } from "../clock.js";
import { LONGEST_MS } from "../http/timer.js";
import type { JudgeCause } from "./ask.js";
import { type Judged, type Judging, type Unjudged, withCause } from "./judging.js";

/** Contents that wait for the judge behind calls, at most; each may be 100 kB and a connection. */
const MAX_WAITING = 64;
/**
 * How much longer than its time-out a judgement may take by the clock. A Worker's request can end with its timers and
 * connections, and no answer ever comes.
 */
const GRACE_MS = 1_000;

interface Waiting {
  readonly giveUpAtMs: number;
  readonly end: (judged: Judged) => void;
  readonly give: (cause: JudgeCause) => void;
  /** Ends the request to the judge. What is late is not ended: its Worker is gone, and its request with it. */
  readonly abort: () => void;
}

/** Contents that are judged while nobody waits. */
export class Backlog {
  readonly #judging: Judging;
  readonly #timeoutMs: number;
  readonly #waiting = new Set<Waiting>();
  #skipped = 0;
  #wakers: (() => void)[] = [];

  /** @param timeoutMs how long a scan may take, the judge included */
  constructor(judging: Judging, timeoutMs: number) {
    this.#judging = judging;
    this.#timeoutMs = timeoutMs;
  }

  /** How many contents were not judged since too many waited. */
  get skipped(): number {
    return this.#skipped;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** @param done called once: when the judge has answered or failed, when it is given up, or at once when too many wait */
  add(unjudged: Unjudged, done: (judged: Judged) => void): void {
    this.#giveUpLate();
    if (this.#waiting.size >= MAX_WAITING) {
      this.#skipped += 1;
      done(withCause(unjudged.outcome, "judge_busy"));
      return;
    }
    const controller = new AbortController();
    const waiting: Waiting = {
      giveUpAtMs: unjudged.startedMs + this.#timeoutMs + GRACE_MS,
      end: (judged) => {
        if (!this.#waiting.delete(waiting)) return;
        done(judged);
        if (this.isEmpty) this.#wake();
      },
      give: (cause) => waiting.end(withCause(unjudged.outcome, cause)),
      abort: () => controller.abort(),
    };
    this.#waiting.add(waiting);
    void this.#judging.judge(unjudged, controller.signal).then(waiting.end);
  }

  /** Resolves when nothing waits any more; by a timer of its own, since those of other calls may be gone. */
  async settled(): Promise<void> {
    this.#giveUpLate();
    if (this.isEmpty) return;
    const latestMs = Math.max(...Array.from(this.#waiting, ({ giveUpAtMs }) => giveUpAtMs));
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wakers.push(resolve);
      timer = setTimeout(resolve, Math.min(latestMs - nowMs(), LONGEST_MS));
    });
    clearTimeout(timer);
    this.#giveUpLate();
  }

  /** Gives up all that wait. */
  cancel(): void {
    for (const { give, abort } of [...this.#waiting]) {
      give("judge_cancelled");
      abort();
    }
  }

  #giveUpLate(): void {
    const now = nowMs();
    for (const { giveUpAtMs, give } of [...this.#waiting]) if (giveUpAtMs <= now) give("judge_timeout");
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}
