import { backoffMs } from "../http/backoff.js";
import type { Answer } from "./transport.js";

/** All that a batcher knows of the world. */
export interface World {
  /** Milliseconds from any beginning. */
  nowMs(): number;
  /** From 0 to 1, exclusive. */
  random(): number;
  /** Calls back once, after so many milliseconds. A process may end before it. */
  setTimer(callback: () => void, afterMs: number): unknown;
  clearTimer(timer: unknown): void;
  /** Sends the body of a request once; never rejects. */
  send(body: string, keepalive: boolean): Promise<Answer>;
  /** Keeps what is queued where a crash cannot reach it. */
  readonly spool: Spool | null;
  /** Whether timers may be used at all between calls: a Worker has none. */
  readonly hasTimers: boolean;
  /** Told what became of each request, for debugging. */
  note(line: string): void;
  warn(cause: "events_dropped" | "events_refused", message: string): void;
}

/** Where queued events are kept beside memory. None of its methods throws. */
export interface Spool {
  add(parcel: Parcel): void;
  /** Forgets these events: they were delivered or given up. */
  remove(ids: readonly string[]): void;
  /** Begins to carry what was added to the disk itself. */
  sync(): void;
  close(): void;
}

/** How much and how often. */
export interface Limits {
  /** Events in one request. */
  readonly batchSize: number;
  readonly flushIntervalMs: number;
  /** Events that wait at the same time, those being delivered included. */
  readonly queueLimit: number;
  /** How long a request may take. */
  readonly timeoutMs: number;
}

/** An event on its way: its id, and its JSON text. */
export interface Parcel {
  readonly id: string;
  readonly json: string;
}

/** Where events are or went. Each is in exactly one place: what was added is the sum. */
export interface Deliveries {
  /** Waiting or being delivered. */
  readonly queued: number;
  /** Taken by the server. */
  readonly sent: number;
  /** Refused by the server. */
  readonly failed: number;
  /** Given up: there was no room, or no time before closing. */
  readonly dropped: number;
}

/** Of a request's body, in UTF-16 units of its JSON text. */
const MAX_BODY_LENGTH = 512 * 1024;
/** Browsers let 64 KiB outlive a page, in bytes; no unit of text becomes more than three. */
const MAX_KEEPALIVE_BYTES = 60 * 1024;

/** A request that is under way. */
interface Flight {
  readonly startedMs: number;
  /** Whether it went well. Never rejects. */
  readonly landed: Promise<boolean>;
}

/**
 * Queues events and delivers them in batches, one request at a time, each event at least once.
 *
 * INVARIANT: an event is in `#batch` or in `#waiting`, or it was counted. What is in `#batch` is older.
 */
export class Batcher {
  readonly #world: World;
  readonly #limits: Limits;
  readonly #waiting = new Fifo<Parcel>();
  /** What is being delivered, or was when that failed. */
  #batch: Parcel[] = [];
  #flight: Flight | null = null;
  #failures = 0;
  /** No request before this, unless somebody asks for one. */
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #timer: unknown = null;
  #timerMs = Number.POSITIVE_INFINITY;
  #closing: Promise<void> | null = null;
  #isClosed = false;
  #added = 0;
  #sent = 0;
  #failed = 0;
  #dropped = 0;

  constructor(world: World, limits: Limits) {
    this.#world = world;
    this.#limits = { ...limits, batchSize: Math.min(limits.batchSize, limits.queueLimit) };
  }

  /** How many events were ever queued. */
  get added(): number {
    return this.#added;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get deliveries(): Deliveries {
    return { queued: this.#size, sent: this.#sent, failed: this.#failed, dropped: this.#dropped };
  }

  /** Queues an event. Sends nothing before the caller is done. */
  add(parcel: Parcel): void {
    if (this.#isClosed) {
      this.#dropped += 1;
      return;
    }
    this.#world.spool?.add(parcel);
    this.#enqueue(parcel);
    this.#plan();
  }

  /** Counts an event that could not even be queued. */
  lose(): void {
    this.#added += 1;
    this.#countDropped(1);
  }

  /**
   * Queues what an earlier process left behind; its events are in the spool already.
   *
   * @param surplus how many more there were, for which there is no room
   */
  restore(parcels: readonly Parcel[], surplus: number): void {
    for (const parcel of parcels) this.#enqueue(parcel);
    this.#countDropped(surplus);
    this.#plan();
  }

  /** Tries at once, and resolves when what is queued now is delivered or given up, or one attempt failed. Never rejects. */
  async flush(): Promise<void> {
    await this.#deliver(true);
  }

  /** The same, but waits for its turn after failures: for runtimes that call this after each piece of work. */
  async deliver(): Promise<void> {
    await this.#deliver(false);
  }

  /** Sends as much as a page that goes away may send. What does not fit stays queued. */
  hurry(): void {
    if (this.#size === 0) return;
    // What is under way may not arrive; who receives it knows events by their ids.
    this.#flight = null;
    const parcels = [...this.#batch, ...this.#waiting.takeAll()];
    const count = fitting(parcels);
    this.#batch = parcels.slice(0, count);
    for (const parcel of parcels.slice(count)) this.#waiting.push(parcel);
    if (count > 0) void this.#launch(true);
  }

  /**
   * Delivers what it can within the time-out and a second. The rest stays in the spool if there is one, and is given up if not. What
   * is added later is given up, too. Never rejects.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTimer();
    await this.#atMost(this.#limits.timeoutMs + 500, this.#deliver(true));
    this.#flight = null;
    if (this.#world.spool === null) this.#drop(this.#size);
    this.#world.spool?.close();
  }

  get #size(): number {
    return this.#batch.length + this.#waiting.size;
  }

  #enqueue(parcel: Parcel): void {
    this.#waiting.push(parcel);
    this.#added += 1;
    if (this.#size > this.#limits.queueLimit) this.#drop(this.#size - this.#limits.queueLimit);
  }

  /** Gives up the oldest that are not under way. */
  #drop(count: number): void {
    const ids: string[] = [];
    for (let left = count; left > 0; left--) {
      const oldest = this.#flight === null && this.#batch.length > 0 ? this.#batch.shift() : this.#waiting.shift();
      if (oldest !== undefined) ids.push(oldest.id);
    }
    if (ids.length > 0) this.#world.spool?.remove(ids);
    this.#countDropped(ids.length);
  }

  #countDropped(count: number): void {
    if (count === 0) return;
    this.#dropped += count;
    this.#world.warn("events_dropped", "events could not be delivered in time, and the oldest were given up");
  }

  /** Sets the timer for the next batch: at once if one is full, else after the interval, and never before back-off allows. */
  #plan(): void {
    if (this.#isClosed || !this.#world.hasTimers || this.#flight !== null || this.#size === 0) return;
    const nowMs = this.#world.nowMs();
    const isFull = this.#size >= this.#limits.batchSize;
    const dueMs = Math.max(nowMs + (isFull ? 0 : this.#limits.flushIntervalMs), this.#notBeforeMs);
    if (this.#timer !== null) {
      if (this.#timerMs <= dueMs) return;
      this.#stopTimer();
    }
    this.#timerMs = dueMs;
    this.#timer = this.#world.setTimer(() => {
      this.#timer = null;
      void this.#deliver(false, false);
    }, dueMs - nowMs);
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#world.clearTimer(this.#timer);
    this.#timer = null;
  }

  /**
   * Sends batches until what is queued now is gone, or one fails.
   *
   * @param isUrgent whether back-off is ignored
   * @param isWaiting whether somebody waits for a request that is under way, too
   */
  async #deliver(isUrgent: boolean, isWaiting = true): Promise<void> {
    // What comes meanwhile is not waited for.
    const target = this.#added;
    while (this.#size > 0 && this.#added - this.#size < target) {
      const flight = this.#flightNow();
      if (flight === null && !isUrgent && this.#world.nowMs() < this.#notBeforeMs) break;
      if (flight !== null && !isWaiting) break;
      const landed =
        flight === null ? this.#launch(false) : this.#atMost(this.#limits.timeoutMs + 500, this.#landingOf(flight));
      const isDelivered = await landed;
      // Nothing was heard of it, and nothing will be.
      const isLost = isDelivered === undefined && this.#flightNow() === null;
      if (isDelivered !== true && !isLost) break;
    }
    this.#plan();
  }

  /** Whether another call's request went well; workerd rejects its promise when that call has ended. */
  #landingOf(flight: Flight): Promise<boolean | undefined> {
    return flight.landed.catch(() => {
      if (this.#flight === flight) this.#flight = null;
      return undefined;
    });
  }

  /** The request that is under way; null when there is none, or when its Worker has ended and nobody will ever hear of it. */
  #flightNow(): Flight | null {
    if (this.#flight !== null && this.#world.nowMs() - this.#flight.startedMs > this.#limits.timeoutMs + 1000) {
      this.#flight = null;
    }
    return this.#flight;
  }

  /** Sends one batch: the one that failed before, else the oldest that wait. */
  #launch(keepalive: boolean): Promise<boolean> {
    this.#stopTimer();
    if (this.#batch.length === 0) this.#batch = this.#nextBatch();
    this.#world.spool?.sync();
    const batch = [...this.#batch];
    const landed = this.#world
      .send(`{"events":[${batch.map(({ json }) => json).join(",")}]}`, keepalive)
      .then((answer) => {
        // Another request may have taken over.
        if (this.#flight !== flight) return false;
        this.#flight = null;
        return this.#settle(batch, answer);
      });
    const flight: Flight = { startedMs: this.#world.nowMs(), landed };
    this.#flight = flight;
    return landed;
  }

  #nextBatch(): Parcel[] {
    const batch: Parcel[] = [];
    let length = 0;
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      length += next.json.length + 1;
      if (batch.length === this.#limits.batchSize || (length > MAX_BODY_LENGTH && batch.length > 0)) break;
      batch.push(next);
      this.#waiting.shift();
    }
    return batch;
  }

  #settle(batch: readonly Parcel[], answer: Answer): boolean {
    if (answer.kind === "failed") {
      this.#failures += 1;
      const waitMs = Math.max(backoffMs(this.#failures, this.#world.random()), answer.afterMs ?? 0);
      this.#notBeforeMs = this.#world.nowMs() + waitMs;
      this.#world.note(`events: ${batch.length} not delivered, ${answer.reason}; again in ${Math.round(waitMs)} ms`);
      this.#plan();
      return false;
    }
    this.#batch = [];
    this.#failures = 0;
    this.#notBeforeMs = Number.NEGATIVE_INFINITY;
    this.#world.spool?.remove(batch.map(({ id }) => id));
    const taken = answer.kind === "accepted" ? Math.min(answer.count, batch.length) : 0;
    this.#sent += taken;
    this.#failed += batch.length - taken;
    const why = answer.kind === "refused" ? ` (status ${answer.status})` : "";
    this.#world.note(`events: ${taken} of ${batch.length} delivered${why}`);
    if (taken < batch.length) this.#world.warn("events_refused", `the server of events refused some${why}`);
    this.#plan();
    return true;
  }

  /** What a promise resolves to; `undefined` when that takes longer. */
  async #atMost<T>(afterMs: number, promise: Promise<T>): Promise<T | undefined> {
    let timer: unknown = null;
    const tooLate = new Promise<undefined>((resolve) => {
      timer = this.#world.setTimer(() => resolve(undefined), afterMs);
    });
    try {
      return await Promise.race([promise, tooLate]);
    } finally {
      this.#world.clearTimer(timer);
    }
  }
}

/** How many of the oldest events may outlive a page together. */
function fitting(parcels: readonly Parcel[]): number {
  const encoder = new TextEncoder();
  let bytes = '{"events":[]}'.length;
  const tooMuch = parcels.findIndex(({ json }) => {
    bytes += encoder.encode(json).length + 1;
    return bytes > MAX_KEEPALIVE_BYTES;
  });
  return tooMuch === -1 ? parcels.length : tooMuch;
}

/** First in, first out, each in constant time. */
class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.size === 0) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > 1000 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  takeAll(): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.#items = [];
    this.#head = 0;
    return items;
  }
}
