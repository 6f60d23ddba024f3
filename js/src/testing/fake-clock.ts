interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to go on, with timers that follow it. */
export class FakeClock {
  #nowMs: number;
  readonly #timers = new Set<Timer>();

  /** @param nowMs milliseconds from any beginning; also what `Date.now` could have answered */
  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size;
  }

  readonly nowMs = (): number => this.#nowMs;

  readonly setTimer = (callback: () => void, afterMs: number): unknown => {
    const timer = { atMs: this.#nowMs + Math.max(0, afterMs), callback };
    this.#timers.add(timer);
    return timer;
  };

  readonly clearTimer = (timer: unknown): void => {
    this.#timers.delete(timer as Timer);
  };

  /** Goes on, calling back what becomes due in its order, each after what the one before it has set off. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    await settled();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#timers.delete(next);
      this.#nowMs = next.atMs;
      next.callback();
      await settled();
    }
    this.#nowMs = untilMs;
  }

  /** Turns the clock without calling anything back, as when somebody sets it. */
  set(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  #next(untilMs: number): Timer | undefined {
    const due = [...this.#timers].filter(({ atMs }) => atMs <= untilMs);
    return due.reduce<Timer | undefined>((first, each) => (first && first.atMs <= each.atMs ? first : each), undefined);
  }
}

/** Lets everything run that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
