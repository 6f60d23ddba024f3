import { parseRequest, type RateLimiterAnswer, type RateLimiterRequest } from "./messages.js";
import { StoredCalls } from "./stored-calls.js";
import type { ObjectState } from "./types.js";

/**
 * The Durable Object that counts the calls of one key for all Workers. Export it from a Worker, bind the class and give the
 * binding to `durableObjectStore`. It may be backed by SQLite (`new_sqlite_classes`) or by key-value pairs.
 *
 * It counts exactly, by the clock of the machine it is on, survives eviction, and empties its storage by an alarm.
 */
export class RuneRateLimiter {
  /** What Cloudflare's types know a Durable Object by. It does not exist at run time. */
  declare readonly __DURABLE_OBJECT_BRAND: never;
  #calls: StoredCalls | null = null;

  /** Made by Cloudflare. */
  constructor(state: ObjectState, _env?: unknown) {
    // Nothing is delivered until it has loaded; when that fails, Cloudflare starts the object anew.
    void state.blockConcurrencyWhile(async () => {
      this.#calls = await StoredCalls.load(state.storage);
    });
  }

  /** Answers `durableObjectStore`; nobody else should ask. */
  async fetch(request: { text(): Promise<string> }): Promise<Response> {
    let message: RateLimiterRequest | null = null;
    try {
      message = parseRequest(await request.text());
    } catch {
      // Answered below, like anything else that is no request.
    }
    if (message === null) return new Response("not a request of `durableObjectStore`", { status: 400 });
    return Response.json(await this.#answer(message));
  }

  /** Called by Cloudflare when the windows should be over. */
  async alarm(): Promise<void> {
    await this.#loaded.cleanUp(Date.now());
  }

  async #answer(message: RateLimiterRequest): Promise<RateLimiterAnswer> {
    const calls = this.#loaded;
    if (message.op === "take_back") {
      await calls.takeBack(message.atMs);
      return { waitMs: 0, atMs: null };
    }
    const nowMs = calls.now(Date.now());
    const waitMs = calls.waitMs(message, nowMs);
    if (message.op === "look" || (message.isEnforced && waitMs > 0)) return { waitMs, atMs: null };
    await calls.count(message, nowMs);
    return { waitMs, atMs: nowMs };
  }

  get #loaded(): StoredCalls {
    if (this.#calls === null) throw new Error("the rate limiter was asked before it had loaded");
    return this.#calls;
  }
}
