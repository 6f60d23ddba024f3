import { CallWindow, type WindowSize } from "../../rate-limits/window.js";
import type { ObjectStorage } from "./types.js";

/** How many calls stand in one record. A call writes one record, so it is small; loading reads all, so it is not one call. */
const CALLS_PER_RECORD = 256;
const PREFIX = "calls:";
/** The last moment that a JavaScript date can name. */
const END_OF_TIME_MS = 8.64e15;

interface StoredRecord {
  /** Milliseconds, oldest first. */
  readonly times: readonly number[];
  /** The window as the last call knew it, for the alarm. */
  readonly windowMs: number;
}

interface LiveRecord {
  readonly index: number;
  readonly times: number[];
}

/**
 * The calls of one key in memory and in an object's storage. Memory decides, at once; storage holds the same calls, in
 * records, so that an object that was evicted or restarted goes on where it was. An object answers only when its writes are
 * durable, which Cloudflare sees to.
 */
export class StoredCalls {
  readonly #storage: ObjectStorage;
  #window: CallWindow;
  #records: LiveRecord[];
  #windowMs: number;
  #nowMs: number;
  #hasAlarm: boolean;

  private constructor(storage: ObjectStorage, records: LiveRecord[], windowMs: number, hasAlarm: boolean) {
    this.#storage = storage;
    this.#window = new CallWindow(records.flatMap(({ times }) => times));
    this.#records = records;
    this.#windowMs = windowMs;
    this.#nowMs = this.#window.newestMs;
    this.#hasAlarm = hasAlarm;
  }

  /** Reads what the object counted before it was last evicted. */
  static async load(storage: ObjectStorage): Promise<StoredCalls> {
    const stored = [...(await storage.list({ prefix: PREFIX }))] as [string, StoredRecord][];
    const records = stored.map(([name, { times }]) => ({
      index: Number(name.slice(PREFIX.length)),
      times: [...times],
    }));
    const windowMs = stored.at(-1)?.[1].windowMs ?? 0;
    return new StoredCalls(storage, records, windowMs, (await storage.getAlarm()) !== null);
  }

  /** The time by the object's clock; when that goes backwards, time stands still. */
  now(clockMs: number): number {
    if (clockMs > this.#nowMs) this.#nowMs = clockMs;
    return this.#nowMs;
  }

  /** 0 or the milliseconds from `nowMs` until a call would pass. */
  waitMs(size: WindowSize, nowMs: number): number {
    return this.#window.waitMs(size, nowMs);
  }

  /** Counts a call. It is counted in memory when this returns, and in storage when the promise resolves. */
  async count(size: WindowSize, nowMs: number): Promise<void> {
    this.#window.count(size, nowMs);
    this.#windowMs = size.windowMs;
    let record = this.#records.at(-1);
    if (record === undefined || record.times.length >= CALLS_PER_RECORD) {
      record = { index: (record?.index ?? 0) + 1, times: [] };
      this.#records.push(record);
    }
    record.times.push(nowMs);
    // No `await` in between, so that all of it becomes durable or nothing.
    await Promise.all([this.#write(record), ...this.#dropOld(), this.#ensureAlarm()]);
  }

  /** Takes back one call that was counted at `timeMs`; one that is no longer kept is none. */
  async takeBack(timeMs: number): Promise<void> {
    this.#window.takeBack(timeMs);
    const record = this.#records.findLast(({ times }) => times.includes(timeMs));
    if (record === undefined) return;
    record.times.splice(record.times.lastIndexOf(timeMs), 1);
    await this.#write(record);
  }

  /** What the alarm is for: empties the storage when all calls are out of their window, and comes back if they are not. */
  async cleanUp(clockMs: number): Promise<void> {
    this.#hasAlarm = false;
    if (!this.#window.isOver({ windowMs: this.#windowMs }, this.now(clockMs))) return this.#ensureAlarm();
    this.#window = new CallWindow();
    this.#records = [];
    await this.#storage.deleteAll();
  }

  #write({ index, times }: LiveRecord): Promise<void> {
    const record: StoredRecord = { times, windowMs: this.#windowMs };
    return this.#storage.put(nameOf(index), record);
  }

  /** A record is old when those behind it hold all calls that the window keeps. */
  #dropOld(): Promise<unknown>[] {
    let kept = this.#records.reduce((sum, { times }) => sum + times.length, 0);
    const dropped: Promise<unknown>[] = [];
    for (const { index, times } of this.#records) {
      kept -= times.length;
      if (kept < this.#window.length) break;
      dropped.push(this.#storage.delete(nameOf(index)));
    }
    this.#records.splice(0, dropped.length);
    return dropped;
  }

  async #ensureAlarm(): Promise<void> {
    if (this.#hasAlarm) return;
    this.#hasAlarm = true;
    await this.#storage.setAlarm(Math.min(Math.ceil(this.#window.newestMs + this.#windowMs), END_OF_TIME_MS));
  }
}

/** Storage lists names in the order of their characters. */
function nameOf(index: number): string {
  return PREFIX + String(index).padStart(16, "0");
}
