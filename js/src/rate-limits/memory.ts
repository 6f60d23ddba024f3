import { keyDigest } from "./key-digest.js";
import type { RateLimit } from "./store.js";
import { CallWindow } from "./window.js";

/** Keys whose calls are remembered at the same time. */
const MAX_KEYS = 100_000;
/** UTF-16 units. Longer keys stand as their digest, so that what is kept of an untrusted id is bounded. */
const MAX_KEY_LENGTH = 64;

/** What is known of one key: a link in the list of those with the same length of window. */
interface Entry {
  readonly name: string;
  readonly window: CallWindow;
  windowMs: number;
  older: Entry | null;
  newer: Entry | null;
}

/**
 * Counts calls in this process, or in a Worker in this isolate: exactly, at once, and within bounds.
 *
 * At most 100,000 keys are remembered. A key is forgotten when all its calls are out of their window and never before. It
 * takes O(1), amortised, for as many different window lengths as there are rules.
 */
export class MemoryRateLimits {
  readonly #readClock: () => number;
  #nowMs = Number.NEGATIVE_INFINITY;
  readonly #entries = new Map<string, Entry>();
  /** By length of window, since the keys of equal windows run out in the order of their newest calls. */
  readonly #queues = new Map<number, Queue>();

  /** @param nowMs milliseconds from any beginning; when it goes backwards, time stands still here */
  constructor(nowMs: () => number) {
    this.#readClock = nowMs;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Takes one call from each limit; from none of them if an enforced one is exhausted. No two limits may have the same key.
   *
   * @returns for each limit in order 0 or the milliseconds after which a call would pass; null when so many keys are alive
   *   that there is no room for another. The call then counts against the limits that have room, since it may go ahead.
   */
  take(limits: readonly RateLimit[]): readonly number[] | null {
    const nowMs = this.#advance();
    this.#forget(nowMs);
    const names = limits.map(({ key }) => nameOf(key));
    const waits = limits.map((limit, index) => {
      const entry = this.#entry(names, index);
      if (entry === undefined) return 0;
      // A rule whose window was changed keeps its calls, and keeps them for as long as it says now.
      if (entry.windowMs !== limit.windowMs) this.#move(entry, limit.windowMs);
      return entry.window.waitMs(limit, nowMs);
    });
    if (limits.some(({ isEnforced }, index) => isEnforced && waits[index] !== 0)) return waits;
    let hasRoom = true;
    for (const [index, limit] of limits.entries()) {
      const entry = this.#entry(names, index) ?? this.#add(names[index] ?? "", limit);
      if (entry === null) hasRoom = false;
      else {
        entry.window.count(limit, nowMs);
        this.#move(entry, limit.windowMs);
      }
    }
    return hasRoom ? waits : null;
  }

  #advance(): number {
    const nowMs = this.#readClock();
    if (nowMs > this.#nowMs) this.#nowMs = nowMs;
    return this.#nowMs;
  }

  #entry(names: readonly string[], index: number): Entry | undefined {
    return this.#entries.get(names[index] ?? "");
  }

  #add(name: string, { windowMs }: RateLimit): Entry | null {
    if (this.#entries.size >= MAX_KEYS) return null;
    const entry: Entry = { name, window: new CallWindow(), windowMs, older: null, newer: null };
    this.#entries.set(name, entry);
    this.#queue(windowMs).push(entry);
    return entry;
  }

  /** To the end of a queue. */
  #move(entry: Entry, windowMs: number): void {
    this.#queue(entry.windowMs).remove(entry);
    entry.windowMs = windowMs;
    this.#queue(windowMs).push(entry);
  }

  #queue(windowMs: number): Queue {
    let queue = this.#queues.get(windowMs);
    if (queue === undefined) {
      queue = new Queue();
      this.#queues.set(windowMs, queue);
    }
    return queue;
  }

  #forget(nowMs: number): void {
    for (const [windowMs, queue] of this.#queues) {
      for (let { oldest } = queue; oldest?.window.isOver(oldest, nowMs); { oldest } = queue) {
        queue.remove(oldest);
        this.#entries.delete(oldest.name);
      }
      if (queue.oldest === null) this.#queues.delete(windowMs);
    }
  }
}

/** Keys by their newest call, oldest first. */
class Queue {
  oldest: Entry | null = null;
  #newest: Entry | null = null;

  push(entry: Entry): void {
    entry.older = this.#newest;
    entry.newer = null;
    if (this.#newest === null) this.oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  remove(entry: Entry): void {
    if (entry.older === null) this.oldest = entry.newer;
    else entry.older.newer = entry.newer;
    if (entry.newer === null) this.#newest = entry.older;
    else entry.newer.older = entry.older;
  }
}

/** A digest is longer than any key that stands for itself, so no key can be made to look like another's digest. */
function nameOf(key: string): string {
  return key.length <= MAX_KEY_LENGTH ? key : `sha256:${keyDigest(key)}`;
}
