import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import fc from "fast-check";
import { Redis } from "ioredis";
import { createClient } from "redis";
import type * as scanner from "../../src/index.js";
import type { RateLimit, RedisClient } from "../../src/index.js";
import { callSteps, RateLimitModel } from "../support/rate-limit-model.js";
import { PROJECT, runInProject } from "./project.js";
import { freePort, withRedis } from "./redis-server.js";

const { redisRateLimitStore } = createRequire(`${PROJECT}/x.js`)("@runesec/scanner") as typeof scanner;

/** Longer than any run of the tests. */
const HOUR_MS = 3_600_000;
const limitOf = (key: string, rest: Partial<RateLimit> = {}): RateLimit => ({
  key,
  maxCalls: 1,
  windowMs: HOUR_MS,
  isEnforced: true,
  ...rest,
});

/** A client that does what it likes with the script, as Upstash's is called. */
function clientWith(redis: Redis, change: (script: string, args: string[]) => [string, string[]]): RedisClient {
  return {
    eval: (script: string, keys: string[], args: string[]) => {
      const [changed, changedArgs] = change(script, args);
      return redis.eval(changed, keys.length, ...keys, ...changedArgs);
    },
  };
}

async function withClient(work: (redis: Redis) => Promise<void>): Promise<void> {
  await withRedis(async ({ socket }) => {
    const redis = new Redis(socket);
    try {
      await work(redis);
    } finally {
      redis.disconnect();
    }
  });
}

for (const kinds of [
  ["ioredis", "redis"],
  ["redis", "redis"],
  ["ioredis", "arrays"],
]) {
  test(`two processes share limits exactly (${kinds.join(", ")})`, async () => {
    await withRedis(async ({ socket }) => {
      const limits = [limitOf("agent", { maxCalls: 100 }), limitOf("global", { maxCalls: 150 })];
      const argv = [socket, `${process.cwd()}/package.json`, `${kinds.length}`, "1000", JSON.stringify(limits)];
      const ends = await Promise.all(
        kinds.map((kind) => runInProject(process.execPath, ["consumer-redis.mjs", kind, ...argv])),
      );
      for (const { code, stderr } of ends) equal(code, 0, stderr);
      equal(
        ends.reduce((sum, { stdout }) => sum + Number(stdout), 0),
        100,
      );
      const redis = new Redis(socket);
      const store = redisRateLimitStore(redis);
      const left = await Promise.all(
        Array.from({ length: 60 }, () => store.take([limitOf("global", { maxCalls: 150 })])),
      );
      equal(left.filter(([waitMs]) => waitMs === 0).length, 50);
      redis.disconnect();
    });
  });
}

test("the script answers as the model does, to the microsecond", async () => {
  await withClient(async (redis) => {
    let nowUs = 0;
    // The server's time is put into the script; and its keys must not run out by the real one.
    const client = clientWith(redis, (script, args) => [
      script.replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}").replace("'PEXPIRE', key,", "'ECHO',"),
      [...args, `${Math.floor(nowUs / 1e6)}`, `${nowUs % 1e6}`],
    ]);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(callSteps(1), async (steps) => {
        run += 1;
        const store = redisRateLimitStore(client, { prefix: `run ${run}:` });
        // The model counts in microseconds what the store counts in milliseconds.
        const model = new RateLimitModel();
        nowUs = 1_700_000_000_999_990;
        for (const { passedMs: passedUs, limits } of steps) {
          nowUs += Math.max(0, passedUs);
          const inMs = limits.map((limit) => ({ ...limit, windowMs: limit.windowMs / 1000 }));
          const waits = await store.take(inMs);
          deepEqual(
            waits.map((waitMs) => Math.round(waitMs * 1000)),
            model.take(limits, nowUs),
          );
        }
      }),
    );
    match(JSON.stringify(await redis.keys("*")), /^\["\{run \d+:\}[0-9a-f]{64}"/);
  });
});

test("a server whose clock is set back lets no more through", async () => {
  await withClient(async (redis) => {
    let seconds = 1_700_000_000;
    const store = redisRateLimitStore(
      clientWith(redis, (script, args) => [
        script.replace("redis.call('TIME')", "{ARGV[#ARGV], '0'}"),
        [...args, `${seconds}`],
      ]),
    );
    const limit = limitOf("a", { maxCalls: 2, windowMs: 100_000 });
    deepEqual(await store.take([limit]), [0]);
    seconds -= 1_000;
    deepEqual(await store.take([limit]), [0]);
    deepEqual(await store.take([limit]), [100_000]);
    // It lives on until the window is over by the clock as it is now.
    const [key = ""] = await redis.keys("*");
    ok((await redis.pttl(key)) > 1_000_000);
    seconds += 1_099;
    deepEqual(await store.take([limit]), [1_000]);
    seconds += 1;
    deepEqual(await store.take([limit]), [0]);
  });
});

test("a key holds no more calls than matter, and expires", async () => {
  await withClient(async (redis) => {
    const store = redisRateLimitStore(redis);
    for (let call = 0; call < 50; call++) await store.take([limitOf("a", { maxCalls: 7, isEnforced: false })]);
    const [key = ""] = await redis.keys("*");
    equal(await redis.llen(key), 7);
    ok((await redis.pttl(key)) > HOUR_MS / 2);
    for (let call = 0; call < 7; call++) await store.take([limitOf("a", { windowMs: 0.001, isEnforced: false })]);
    equal(await redis.llen(key), 1);
    while ((await redis.exists(key)) !== 0);
  });
});

test("hostile keys are keys like others, and none of them stands in Redis", async () => {
  await withClient(async (redis) => {
    const store = redisRateLimitStore(redis);
    const keys = ["", "__proto__", "\u0000", "\ud800", "\ud801", "\ufffd", "*", "{a}", "x".repeat(1_000_000)];
    for (const key of keys) deepEqual(await store.take([limitOf(key)]), [0]);
    for (const key of keys) ok(((await store.take([limitOf(key)]))[0] ?? 0) > 0);
    for (const name of await redis.keys("*")) match(name, /^\{rune:rate:\}[0-9a-f]{64}$/);
    deepEqual(await store.take([limitOf("b", { maxCalls: Number.MAX_SAFE_INTEGER, windowMs: Number.MAX_VALUE })]), [0]);
  });
});

test("all limits of a call are on one node of a cluster", async () => {
  const [port, busPort] = [await freePort(), await freePort()];
  const argv = ["--bind", "127.0.0.1", "--port", `${port}`, "--cluster-enabled", "yes", "--cluster-port", `${busPort}`];
  await withRedis(async ({ socket }) => {
    const redis = new Redis(socket);
    await redis.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    while (!String(await redis.call("CLUSTER", "INFO")).includes("cluster_state:ok"));
    const limits = ["a", "b", "c"].map((key) => limitOf(key));
    for (const prefix of [undefined, "mine:", "{tenant}:"]) {
      deepEqual(await redisRateLimitStore(redis, { prefix }).take(limits), [0, 0, 0]);
    }
    // It does look: keys without a common tag are refused.
    await rejects(redis.eval("return 1", 2, "a", "b"), /CROSSSLOT/);
    redis.disconnect();
  }, argv);
});

test("rejects when a key holds something else, and counts nothing", async () => {
  await withClient(async (redis) => {
    const store = redisRateLimitStore(redis);
    await store.take([limitOf("a")]);
    const [key = ""] = await redis.keys("*");
    await redis.set(key, "something else");
    await rejects(store.take([limitOf("b"), limitOf("a")]), /WRONGTYPE/);
    deepEqual(await store.take([limitOf("b")]), [0]);
  });
});

/** Clients as the README sets them up. */
const GIVING_UP: Readonly<Record<string, (socket: string) => Promise<{ client: RedisClient; close: () => void }>>> = {
  ioredis: async (socket) => {
    const redis = new Redis(socket, { maxRetriesPerRequest: 1, commandTimeout: 500 });
    redis.on("error", () => {});
    await redis.ping();
    return { client: redis, close: () => redis.disconnect() };
  },
  redis: async (socket) => {
    // Its time-out for commands is one for sending them. That of the socket counts silence, hence the pings.
    const redis = createClient({
      socket: { path: socket, tls: false, socketTimeout: 500, reconnectStrategy: 100 },
      pingInterval: 100,
      disableOfflineQueue: true,
    });
    redis.on("error", () => {});
    await redis.connect();
    return { client: redis, close: () => redis.destroy() };
  },
};

for (const [name, connect] of Object.entries(GIVING_UP)) {
  for (const end of ["stop", "freeze"] as const) {
    test(`rejects when the server is gone (${name}, ${end})`, { timeout: 30_000 }, async () => {
      await withRedis(async (server) => {
        const { client, close } = await connect(server.socket);
        const store = redisRateLimitStore(client);
        deepEqual(await store.take([limitOf("a")]), [0]);
        await server[end]();
        await rejects(store.take([limitOf("a")]));
        close();
      });
    });
  }
}
