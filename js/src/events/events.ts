import { nowMs } from "../clock.js";
import { type Fetch, fetchOf } from "../http/attempt.js";
import { checkApiKey, urlOf } from "../http/destination.js";
import { clearIdleTimer, setIdleTimer } from "../http/timer.js";
import { keepGoing, type WaitUntil } from "../http/wait-until.js";
import { pageAddress, type Runtime, runtimeOf } from "../runtime.js";
import { VERSION } from "../version.js";
import { Batcher, type Deliveries, type World } from "./batcher.js";
import { makeEvent, type Occurrence, type ParamsHash, type RuneEvent } from "./event.js";
import { deliverAtEnd } from "./lifecycle.js";
import { paramsHasher, paramsKey } from "./params-hash.js";
import { openSpool } from "./spool.js";
import { send } from "./transport.js";

/** What a Shield says about its events. */
export interface EventOptions {
  readonly apiKey: string | null;
  readonly eventsEnabled: boolean;
  readonly eventsEndpoint: string;
  readonly eventBatchSize: number;
  readonly eventFlushIntervalSeconds: number;
  readonly eventQueueLimit: number;
  readonly eventSpoolPath: string | null;
  readonly connectionTimeoutSeconds: number;
  readonly fetch: Fetch | null;
  /** Whether somebody in this process wants to see events, delivered or not. */
  readonly isObserved: boolean;
}

/** Whom events tell about themselves. */
export interface EventListener {
  event(event: RuneEvent): void;
  warn(cause: string, message: string): void;
  debug(line: string): void;
}

const ID_BYTES = 16;
const IDS_PER_DRAW = 64;

const NO_DELIVERIES: Deliveries = Object.freeze({ queued: 0, sent: 0, failed: 0, dropped: 0 });

/**
 * Tells the server what the Shield did.
 *
 * INVARIANT: until the first call nothing is drawn at random, no timer is started and nothing is connected to, except that in
 * Node what an earlier process spooled is read and queued.
 */
export class Events {
  readonly #options: EventOptions;
  readonly #listener: EventListener;
  readonly #runtime: Runtime;
  readonly #batcher: Batcher | null;
  #hasher: ((params: unknown) => ParamsHash | null) | undefined;
  readonly #ids = new Uint8Array(ID_BYTES * IDS_PER_DRAW);
  #idsUsed = IDS_PER_DRAW;
  #isWatched = false;

  /** @throws {ConfigurationError} when the endpoint, the API key or the spool cannot be used */
  constructor(options: EventOptions, listener: EventListener) {
    this.#options = options;
    this.#listener = listener;
    this.#runtime = runtimeOf();
    const { apiKey } = options;
    const endpoint = { option: "eventsEndpoint", address: options.eventsEndpoint, path: "/v1/events" } as const;
    const url = urlOf(endpoint, apiKey, pageAddress(this.#runtime));
    this.#batcher = apiKey !== null && options.eventsEnabled ? this.#open(url, apiKey) : null;
  }

  /** Whether anybody is to be told. */
  get isOn(): boolean {
    return this.#batcher !== null || this.#options.isObserved;
  }

  get deliveries(): Deliveries {
    return this.#batcher?.deliveries ?? NO_DELIVERIES;
  }

  /** The hash of a call's arguments, to be taken before it runs, since it may change them; null when nobody is to be told. */
  hash(params: unknown): ParamsHash | null {
    if (!this.isOn) return null;
    this.#hasher ??= paramsHasher(paramsKey(this.#options.apiKey));
    return this.#hasher(params);
  }

  /** Queues the event for a call. Never throws, and sends nothing before the caller is done. */
  emit(call: Occurrence, waitUntil: WaitUntil | undefined): void {
    if (!this.isOn) return;
    try {
      const stamp = { id: this.#drawId(), epochMs: Date.now(), version: VERSION, runtime: this.#runtime };
      const event = makeEvent(call, stamp);
      // Before anybody else has it in hand.
      this.#batcher?.add({ id: event.event_id, json: JSON.stringify(event) });
      this.#listener.event(event);
    } catch {
      this.#batcher?.lose();
      this.#listener.warn("event_failed", "an event could not be made; does the runtime allow randomness here?");
    }
    this.#deliver(waitUntil);
  }

  /** Delivers what is queued now, or tries once. Never rejects. */
  async flush(): Promise<void> {
    await this.#batcher?.flush();
  }

  /** Delivers what it can in bounded time, and no more after that. Never rejects. */
  async close(): Promise<void> {
    await this.#batcher?.close();
  }

  #open(url: string, apiKey: string): Batcher {
    checkApiKey(apiKey);
    const options = this.#options;
    const timeoutMs = options.connectionTimeoutSeconds * 1000;
    const opened =
      options.eventSpoolPath === null
        ? null
        : openSpool(options.eventSpoolPath, options.eventQueueLimit, () =>
            this.#listener.warn(
              "event_spool",
              "the spool of events cannot be written any more; they are kept in memory",
            ),
          );
    const isBrowser = this.#runtime === "browser";
    const world: World = {
      nowMs,
      random: Math.random,
      setTimer: setIdleTimer,
      clearTimer: clearIdleTimer,
      send: (body, keepalive) =>
        send({ url, apiKey, timeoutMs, isBrowser, fetch: fetchOf(options.fetch) }, body, keepalive),
      spool: opened?.spool ?? null,
      hasTimers: this.#runtime !== "workerd" && this.#runtime !== "edge-light",
      note: (line) => this.#listener.debug(line),
      warn: (cause, message) => this.#listener.warn(cause, message),
    };
    const batcher = new Batcher(world, {
      batchSize: options.eventBatchSize,
      flushIntervalMs: options.eventFlushIntervalSeconds * 1000,
      queueLimit: options.eventQueueLimit,
      timeoutMs,
    });
    if (opened !== null && opened.recovered.length > 0) {
      this.#watch(batcher);
      batcher.restore(opened.recovered, opened.surplus);
    }
    return batcher;
  }

  /** 128 bits by chance; many are drawn at once, since each draw costs as much as the rest of an event. */
  #drawId(): Uint8Array {
    if (this.#idsUsed === IDS_PER_DRAW) {
      crypto.getRandomValues(this.#ids);
      this.#idsUsed = 0;
    }
    this.#idsUsed += 1;
    return this.#ids.subarray((this.#idsUsed - 1) * ID_BYTES, this.#idsUsed * ID_BYTES);
  }

  #watch(batcher: Batcher): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    deliverAtEnd(batcher, this.#runtime === "browser");
  }

  #deliver(waitUntil: WaitUntil | undefined): void {
    const batcher = this.#batcher;
    if (batcher === null) return;
    this.#watch(batcher);
    if (waitUntil === undefined) return;
    // In a moment, so that the calls of one piece of work share a request.
    const delivered = new Promise((resolve) => setTimeout(resolve, 0)).then(() => batcher.deliver());
    keepGoing(waitUntil, delivered, this.#listener.warn);
  }
}
