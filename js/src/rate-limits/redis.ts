import { ConfigurationError, RuneError } from "../errors.js";
import { check, kindOf, TEXT } from "../expectation.js";
import { checkLimits } from "./check-limits.js";
import { keyDigest } from "./key-digest.js";
import type { RateLimit, RateLimitStore } from "./store.js";

/**
 * What a Redis client must have. Clients of `ioredis` and of `redis` (node-redis, 4 or newer) are recognised; `eval` of any
 * other is called as `eval(script, keys, arguments)`, with two arrays of strings, as `@upstash/redis` wants it.
 */
export interface RedisClient {
  /** Runs a Lua script. The parameters differ from client to client. */
  eval(script: string, ...rest: never[]): unknown;
}

/** Options of `redisRateLimitStore`. */
export interface RedisRateLimitOptions {
  /**
   * Stands before every key, default `rune:rate:`.
   *
   * A call's limits are counted by one script, which in a Redis Cluster works on one node only. So the prefix is made the
   * hash tag of all keys, `{rune:rate:}…`, and they are all on one node. Spread them by stores with different prefixes, or
   * write a prefix that has a `{hash tag}` already, which is taken as it is.
   */
  readonly prefix?: string | undefined;
}

const DEFAULT_PREFIX = "rune:rate:";
/** As Redis finds it: what stands between the first `{` and the next `}`, if it is not empty. */
const HASH_TAG = /^[^{]*\{[^}]+\}/;

/**
 * Counts for all limits at once, in microseconds. A key holds the list of its newest calls, so that two calls in the same
 * microsecond are two entries. A clock set back stands still, for each key, until it is where it was. Lua would print so
 * large a number in 14 digits, hence `%.0f`.
 *
 * KEYS: one per limit. ARGV: maxCalls, window and whether it is enforced (`1` or `0`), for each limit.
 */
const SCRIPT = `
local time = redis.call('TIME')
local nows, waits = {}, {}
local refused = false
for i, key in ipairs(KEYS) do
  local max, window = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  nows[i] = math.max(time[1] * 1000000 + time[2], tonumber(redis.call('LINDEX', key, -1) or 0))
  waits[i] = 0
  local length = redis.call('LLEN', key)
  if length >= max then
    waits[i] = math.max(0, redis.call('LINDEX', key, length - max) + window - nows[i])
  end
  if waits[i] > 0 and ARGV[3 * i] == '1' then refused = true end
end
if refused then return waits end
for i, key in ipairs(KEYS) do
  local window = tonumber(ARGV[3 * i - 1])
  redis.call('RPUSH', key, string.format('%.0f', nows[i]))
  redis.call('LTRIM', key, '-' .. ARGV[3 * i - 2], -1)
  for _ = 1, 2 do
    if redis.call('LINDEX', key, 0) + window <= nows[i] then redis.call('LPOP', key) end
  end
  local ahead = nows[i] - (time[1] * 1000000 + time[2])
  redis.call('PEXPIRE', key, string.format('%.0f', math.ceil((window + ahead) / 1000) + 1))
end
return waits
`;

/**
 * Counts calls in Redis (5 or newer) or what speaks its language, such as Valkey or Upstash: exactly, by the server's clock, for
 * all processes that use the same server and prefix.
 *
 * `take` rejects when the client does, so let the client give up soon when the server is away. Redis must not evict keys
 * (`maxmemory-policy noeviction`), and a failover that loses writes loses counts. What stands there of a key is its SHA-256.
 *
 * @throws {ConfigurationError} when the client has no `eval`, or an option is unknown or ill-typed
 */
export function redisRateLimitStore(client: RedisClient, options?: RedisRateLimitOptions): RateLimitStore {
  const run = runnerOf(client);
  check(options, { prefix: TEXT }, "rate limit option");
  const prefix = tagged(options?.prefix ?? DEFAULT_PREFIX);
  return Object.freeze({
    async take(limits: readonly RateLimit[]): Promise<readonly number[]> {
      checkLimits(limits);
      if (limits.length === 0) return [];
      const keys = limits.map(({ key }) => prefix + keyDigest(key));
      return waitsFrom(await run(keys, limits.flatMap(argumentsOf)), limits.length);
    },
  });
}

type Runner = (keys: string[], args: string[]) => unknown;

/** How the client wants `eval` to be called. The marks are methods that the other clients do not have. */
function runnerOf(client: unknown): Runner {
  const marks = client as Partial<Record<"eval" | "EVAL" | "defineCommand", unknown>> | null | undefined;
  if (typeof marks?.eval !== "function") {
    throw new ConfigurationError(`expected a Redis client with a method \`eval\`, got ${kindOf(client)}`);
  }
  const redis = client as { eval(script: string, ...rest: unknown[]): unknown };
  if (typeof marks.defineCommand === "function") {
    return (keys, args) => redis.eval(SCRIPT, keys.length, ...keys, ...args);
  }
  if (typeof marks.EVAL === "function") return (keys, args) => redis.eval(SCRIPT, { keys, arguments: args });
  return (keys, args) => redis.eval(SCRIPT, keys, args);
}

function tagged(prefix: string): string {
  if (HASH_TAG.test(prefix)) return prefix;
  if (!/[{}]/.test(prefix)) return `{${prefix}}`;
  throw new ConfigurationError(
    "rate limit option `prefix` must have no braces, or a `{hash tag}` that is not empty as the first of them",
  );
}

/** A window is rounded up to whole microseconds, and cut to what Lua counts exactly, 285 years. */
function argumentsOf({ maxCalls, windowMs, isEnforced }: RateLimit): string[] {
  // Less than a nanosecond is what the multiplication made of it.
  const windowUs = Math.max(1, Math.ceil(windowMs * 1000 - 0.001));
  return [String(maxCalls), String(Math.min(windowUs, Number.MAX_SAFE_INTEGER)), isEnforced ? "1" : "0"];
}

/** Microseconds as the client delivers them: numbers, or strings or bigints if it was told so. */
function waitsFrom(reply: unknown, length: number): readonly number[] {
  const waits = Array.isArray(reply) ? reply.map((wait) => Number(wait) / 1000) : [];
  if (waits.length === length && waits.every((wait) => wait >= 0)) return waits;
  throw new RuneError("rate_limit_store_failed", "the Redis client did not answer with the numbers of the script");
}
