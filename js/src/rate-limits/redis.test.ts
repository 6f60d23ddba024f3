import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import type { Redis as Ioredis, Cluster as IoredisCluster } from "ioredis";
import type { RedisClientType, RedisClusterType } from "redis";
import { keyDigest } from "./key-digest.js";
import { type RedisClient, redisRateLimitStore } from "./redis.js";
import type { RateLimit } from "./store.js";

// Compiles only while the real clients are clients by our type.
export type Clients = [Ioredis, IoredisCluster, RedisClientType, RedisClusterType] extends RedisClient[] ? true : never;
export const areClients: Clients = true;

const LIMITS: readonly RateLimit[] = [
  { key: "agent\u0000\ud800", maxCalls: 5, windowMs: 60_000, isEnforced: true },
  { key: "x".repeat(1_000_000), maxCalls: 1_000_000_000, windowMs: 0.0015, isEnforced: false },
];
const KEYS = LIMITS.map(({ key }) => `{rune:rate:}${keyDigest(key)}`);
const ARGUMENTS = ["5", "60000000", "1", "1000000000", "2", "0"];

/** A client that notes how `eval` was called and answers with `reply`. */
function fakeClient(reply: unknown, marks: object = {}): { client: RedisClient; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const evaluate = (script: string, ...rest: unknown[]): Promise<unknown> => {
    match(script, /redis\.call\('TIME'\)/);
    calls.push(rest);
    return Promise.resolve(reply);
  };
  return { client: { eval: evaluate, ...marks }, calls };
}

test("calls each client's `eval` in its own way", async () => {
  const mark = (): void => {};
  for (const [marks, expected] of [
    [{ defineCommand: mark }, [2, ...KEYS, ...ARGUMENTS]],
    [{ EVAL: mark }, [{ keys: KEYS, arguments: ARGUMENTS }]],
    [{}, [KEYS, ARGUMENTS]],
  ] as const) {
    const { client, calls } = fakeClient([0, 2_500], marks);
    deepEqual(await redisRateLimitStore(client).take(LIMITS), [0, 2.5]);
    deepEqual(calls, [expected]);
  }
});

test("no id stands in Redis, and no key is long", async () => {
  const { client, calls } = fakeClient([0, 0]);
  await redisRateLimitStore(client).take(LIMITS);
  const [keys] = calls[0] as [string[]];
  for (const key of keys) ok(key.length < 100 && !key.includes("agent") && !key.includes("xx"));
});

test("all keys of a store have one hash tag", async () => {
  for (const [prefix, expected] of [
    [undefined, "{rune:rate:}"],
    ["mine:", "{mine:}"],
    ["{tenant 7}:calls:", "{tenant 7}:calls:"],
    ["calls:{tenant 7}{x", "calls:{tenant 7}{x"],
  ] as const) {
    const { client, calls } = fakeClient([0]);
    await redisRateLimitStore(client, { prefix }).take([{ ...LIMITS[0], key: "a" } as RateLimit]);
    deepEqual(calls[0]?.[0], [`${expected}${keyDigest("a")}`]);
  }
});

test("understands a client that was told to answer with strings or bigints", async () => {
  for (const reply of [
    ["0", "1500"],
    [0n, 1_500n],
  ]) {
    deepEqual(await redisRateLimitStore(fakeClient(reply).client).take(LIMITS), [0, 1.5]);
  }
});

test("a call without limits asks nobody", async () => {
  const { client, calls } = fakeClient([]);
  deepEqual(await redisRateLimitStore(client).take([]), []);
  equal(calls.length, 0);
});

test("rejects when it cannot count", async () => {
  const message = "the Redis client did not answer with the numbers of the script";
  for (const reply of [null, "OK", [], [0], [0, "x"], [0, -1]]) {
    await rejects(redisRateLimitStore(fakeClient(reply).client).take(LIMITS), {
      code: "rate_limit_store_failed",
      message,
    });
  }
  const failing = { eval: () => Promise.reject(new Error("Connection is closed.")) };
  await rejects(redisRateLimitStore(failing).take(LIMITS), { message: "Connection is closed." });
  const throwing = {
    eval: () => {
      throw new Error("not connected");
    },
  };
  await rejects(redisRateLimitStore(throwing).take(LIMITS), { message: "not connected" });
  await rejects(redisRateLimitStore(fakeClient([0]).client).take([{ ...LIMITS[0], maxCalls: 0 } as RateLimit]), {
    code: "invalid_configuration",
    message: "limit field `maxCalls` must be an integer of at least 1, got `0`",
  });
});

test("refuses what is no client or no option, word for word", () => {
  const { client } = fakeClient([]);
  for (const [given, options, message] of [
    [undefined, undefined, "expected a Redis client with a method `eval`, got `undefined`"],
    [{ get: () => null }, undefined, "expected a Redis client with a method `eval`, got an object"],
    ["redis://", undefined, "expected a Redis client with a method `eval`, got a string"],
    [client, { prefix: "" }, "rate limit option `prefix` must be a non-empty string, got an empty string"],
    [client, { prefx: "a" }, "unknown rate limit option `prefx`, did you mean `prefix`?"],
    [client, "a", "expected an object of rate limit options, got a string"],
    ...["{}a", "a}", "a{b", "{}{a}"].map(
      (prefix) =>
        [
          client,
          { prefix },
          "rate limit option `prefix` must have no braces, or a `{hash tag}` that is not empty as the first of them",
        ] as const,
    ),
  ] as const) {
    throws(() => redisRateLimitStore(given as RedisClient, options as object), {
      code: "invalid_configuration",
      message,
    });
  }
});
