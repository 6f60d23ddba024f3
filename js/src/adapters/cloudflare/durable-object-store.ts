import { ConfigurationError, RuneError } from "../../errors.js";
import { kindOf } from "../../expectation.js";
import { checkLimits } from "../../rate-limits/check-limits.js";
import { keyDigest } from "../../rate-limits/key-digest.js";
import type { RateLimit, RateLimitStore } from "../../rate-limits/store.js";
import type { RateLimiterAnswer, RateLimiterRequest } from "./messages.js";
import type { ObjectNamespace } from "./types.js";

/** A Worker needs a whole URL to reach an object by; nothing resolves it. */
const URL_OF_OBJECT = "https://rune-rate-limiter/";

/**
 * Counts calls in Durable Objects of the class `RuneRateLimiter`: exactly, for all Workers that bind the class, one object
 * for each key. An object's name is the SHA-256 of its key.
 *
 * Each limit is counted by an object of its own, so a call with several is not taken at one moment, and costs two round trips:
 * the enforced ones are looked at, side by side, and taken when all have room. If one has lost it meanwhile, the others are
 * given back. So never do more than `maxCalls` pass; but of calls that race for the last room, one that would fit can be
 * refused, and a call that could not be given back stays counted.
 *
 * `take` rejects when an object cannot be reached, unless another refuses: then the call is refused. What was taken before it
 * rejects stays counted, since the call may go ahead.
 *
 * @throws {ConfigurationError} when it is handed no binding to a class of Durable Objects
 */
export function durableObjectStore(namespace: ObjectNamespace): RateLimitStore {
  const given = namespace as Partial<ObjectNamespace> | null | undefined;
  if (typeof given?.idFromName !== "function" || typeof given.get !== "function") {
    throw new ConfigurationError(
      `expected a Durable Object binding to the class \`RuneRateLimiter\`, got ${kindOf(namespace)}`,
    );
  }
  return Object.freeze({
    async take(limits: readonly RateLimit[]): Promise<readonly number[]> {
      checkLimits(limits);
      return takeAll(
        limits.map((limit) => ({ limit, object: new RemoteObject(namespace, limit.key), waitMs: 0, atMs: null })),
      );
    },
  });
}

interface Taking {
  readonly limit: RateLimit;
  readonly object: RemoteObject;
  waitMs: number;
  atMs: number | null;
}

async function takeAll(takings: readonly Taking[]): Promise<readonly number[]> {
  const enforced = takings.filter(({ limit }) => limit.isEnforced);
  const others = takings.filter(({ limit }) => !limit.isEnforced);
  // Taking at once would be quicker, but an agent beyond its own limit could then exhaust those it shares, by hammering.
  if (enforced.length > 1) await askAll(enforced, "look");
  const failures = isRefused(enforced) ? [] : await askAll(enforced, "take");
  if (isRefused(enforced)) {
    // What fails here makes the limits stricter or the answer shorter, and the call is refused in any case.
    await Promise.all([giveBack(enforced), askAll(others, "look")]);
    return takings.map(({ waitMs }) => waitMs);
  }
  failures.push(...(await askAll(others, "take")));
  if (failures.length > 0) throw failures[0];
  return takings.map(({ waitMs }) => waitMs);
}

function isRefused(enforced: readonly Taking[]): boolean {
  return enforced.some(({ waitMs }) => waitMs > 0);
}

/** Asks side by side, notes the answers, and returns why there were none. */
async function askAll(takings: readonly Taking[], op: "take" | "look"): Promise<unknown[]> {
  const failures: unknown[] = [];
  const asking = takings.map(async (taking) => {
    try {
      const { maxCalls, windowMs, isEnforced } = taking.limit;
      const { waitMs, atMs } = await taking.object.ask({ op, maxCalls, windowMs, isEnforced });
      Object.assign(taking, { waitMs, atMs });
    } catch (error) {
      failures.push(error);
    }
  });
  await Promise.all(asking);
  return failures;
}

async function giveBack(takings: readonly Taking[]): Promise<void> {
  await Promise.allSettled(
    takings.map(({ object, atMs }) => (atMs === null ? undefined : object.ask({ op: "take_back", atMs }))),
  );
}

/** The object that counts for one key. */
class RemoteObject {
  readonly #namespace: ObjectNamespace;
  readonly #name: string;

  constructor(namespace: ObjectNamespace, key: string) {
    this.#namespace = namespace;
    this.#name = keyDigest(key);
  }

  async ask(request: RateLimiterRequest): Promise<RateLimiterAnswer> {
    // A stub does not outlive an error of its object, so each question gets its own.
    const stub = this.#namespace.get(this.#namespace.idFromName(this.#name));
    const response = await stub.fetch(URL_OF_OBJECT, { method: "POST", body: JSON.stringify(request) });
    if (!response.ok) {
      throw new RuneError("rate_limit_store_failed", `the rate limiter answered with status ${response.status}`);
    }
    const answer = (await response.json()) as RateLimiterAnswer | null;
    if (typeof answer?.waitMs === "number") return answer;
    throw new RuneError("rate_limit_store_failed", "the Durable Object is none of the class `RuneRateLimiter`");
  }
}
