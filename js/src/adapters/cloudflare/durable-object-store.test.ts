import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import type {
  RateLimit as CloudflareRateLimit,
  DurableObject,
  DurableObjectNamespace,
} from "@cloudflare/workers-types";
import fc from "fast-check";
import { FakeNamespace } from "../../../test/support/fake-objects.js";
import { callSteps, RateLimitModel } from "../../../test/support/rate-limit-model.js";
import { keyDigest } from "../../rate-limits/key-digest.js";
import type { RateLimit } from "../../rate-limits/store.js";
import { durableObjectStore } from "./durable-object-store.js";
import type { RuneRateLimiter } from "./rune-rate-limiter.js";
import type { ObjectNamespace, RateLimitBinding } from "./types.js";

// Compiles only while Cloudflare's types fit ours, and our class fits theirs.
type Fits =
  | (DurableObjectNamespace extends ObjectNamespace ? never : "namespace")
  | (DurableObjectNamespace<RuneRateLimiter> extends ObjectNamespace ? never : "namespace of the class")
  | (CloudflareRateLimit extends RateLimitBinding ? never : "binding")
  | (RuneRateLimiter extends Pick<DurableObject, "alarm"> ? never : "class");
export const fits: [Fits] extends [never] ? true : never = true;

const START_MS = 1_700_000_000_000;
const limitOf = (key: string, rest: Partial<RateLimit> = {}): RateLimit => ({
  key,
  maxCalls: 1,
  windowMs: 1_000,
  isEnforced: true,
  ...rest,
});

beforeEach(() => mock.timers.enable({ apis: ["Date"], now: START_MS }));
afterEach(() => mock.timers.reset());

test("answers as the model does, though objects are evicted and alarms ring", async () => {
  await fc.assert(
    fc.asyncProperty(callSteps(1), fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async (steps, dice) => {
      const namespace = new FakeNamespace();
      const store = durableObjectStore(namespace);
      const model = new RateLimitModel();
      let nowMs = START_MS;
      for (const step of steps) {
        // A clock that is set back is for each object to bear, so the model, which has one for all, would differ.
        nowMs += Math.max(0, step.passedMs);
        mock.timers.setTime(nowMs);
        const die = dice.next().value;
        if (die === 0) namespace.evict();
        if (die <= 1) await namespace.ring(nowMs);
        deepEqual(await store.take(step.limits), model.take(step.limits, nowMs));
      }
    }),
    { numRuns: 100 },
  );
});

test("a clock that is set back lets no more through", async () => {
  const store = durableObjectStore(new FakeNamespace());
  deepEqual(await store.take([limitOf("a")]), [0]);
  mock.timers.setTime(START_MS - 5_000);
  deepEqual(await store.take([limitOf("a")]), [1_000]);
  mock.timers.setTime(START_MS + 999);
  deepEqual(await store.take([limitOf("a")]), [1]);
  mock.timers.setTime(START_MS + 1_000);
  deepEqual(await store.take([limitOf("a")]), [0]);
});

test("calls at the same moment never pass in greater number than allowed, and what is refused is given back", async () => {
  const limits = fc.uniqueArray(
    fc.record({ key: fc.constantFrom("a", "b", "c"), maxCalls: fc.integer({ min: 1, max: 4 }) }),
    { minLength: 1, selector: ({ key }) => key },
  );
  await fc.assert(
    fc.asyncProperty(limits, fc.infiniteStream(fc.boolean()), async (sizes, coin) => {
      const namespace = new FakeNamespace();
      const store = durableObjectStore(namespace);
      const calls = Array.from({ length: 12 }, () =>
        sizes.filter(() => coin.next().value).map(({ key, maxCalls }) => limitOf(key, { maxCalls })),
      );
      const answers = await Promise.all(calls.map((call) => store.take(call)));
      const passed = calls.filter((_, index) => answers[index]?.every((waitMs) => waitMs === 0));
      for (const { key, maxCalls } of sizes) {
        const counted = passed.filter((call) => call.some((limit) => limit.key === key)).length;
        ok(counted <= maxCalls);
        namespace.evict();
        // What is left is what was not passed, so nothing of a refused call stayed counted.
        for (let left = maxCalls - counted; left > 0; left--) {
          deepEqual(await store.take([limitOf(key, { maxCalls })]), [0]);
        }
        ok((await store.take([limitOf(key, { maxCalls })]))[0] !== 0);
      }
    }),
  );
});

test("who is beyond its own limit leaves those it shares to others", async () => {
  const store = durableObjectStore(new FakeNamespace());
  const global = limitOf("global", { maxCalls: 3 });
  deepEqual(await store.take([limitOf("hammering"), global]), [0, 0]);
  const hammering = Array.from({ length: 50 }, () => store.take([limitOf("hammering"), global]));
  deepEqual(await store.take([limitOf("other"), global]), [0, 0]);
  for (const answer of await Promise.all(hammering)) deepEqual(answer, [1_000, 0]);
  deepEqual(await store.take([global]), [0]);
});

test("a limit that is not enforced is only looked at when another refuses", async () => {
  const store = durableObjectStore(new FakeNamespace());
  const alert = limitOf("alert", { isEnforced: false });
  deepEqual(await store.take([alert, limitOf("a")]), [0, 0]);
  deepEqual(await store.take([alert, limitOf("a")]), [1_000, 1_000]);
  mock.timers.setTime(START_MS + 400);
  deepEqual(await store.take([alert]), [600]);
  deepEqual(await store.take([alert]), [1_000]);
});

test("thousands of calls survive eviction in few records, of which old ones are dropped", async () => {
  const namespace = new FakeNamespace();
  const limit = limitOf("a", { maxCalls: 600, windowMs: 100_000, isEnforced: false });
  const store = durableObjectStore(namespace);
  for (let call = 0; call < 2_000; call++) {
    mock.timers.setTime(START_MS + call);
    if (call % 300 === 0) namespace.evict();
    await store.take([limit]);
  }
  namespace.evict();
  deepEqual(await store.take([{ ...limit, isEnforced: true }]), [100_000 - 599]);
  const [storage] = namespace.storages.values();
  ok((storage?.records.size ?? 0) <= 4);
});

test("an alarm empties the storage when the windows are over, and not before", async () => {
  const namespace = new FakeNamespace();
  const store = durableObjectStore(namespace);
  await store.take([limitOf("a", { maxCalls: 2 })]);
  mock.timers.setTime(START_MS + 600);
  await store.take([limitOf("a", { maxCalls: 2 })]);
  const [storage] = namespace.storages.values();
  const ring = async (ms: number): Promise<(number | null | undefined)[]> => {
    mock.timers.setTime(START_MS + ms);
    await namespace.ring(START_MS + ms);
    return [storage?.records.size, storage?.alarmMs && storage.alarmMs - START_MS];
  };
  deepEqual(await ring(999), [1, 1_000]);
  namespace.evict();
  deepEqual(await ring(1_000), [1, 1_600]);
  deepEqual(await ring(1_600), [0, null]);
  deepEqual(await store.take([limitOf("a")]), [0]);
  deepEqual([storage?.records.size, storage?.alarmMs], [1, START_MS + 2_600]);
});

test("a window longer than any date has an alarm all the same", async () => {
  const namespace = new FakeNamespace();
  await durableObjectStore(namespace).take([limitOf("a", { windowMs: Number.MAX_VALUE })]);
  equal([...namespace.storages.values()][0]?.alarmMs, 8.64e15);
});

test("no id leaves the Worker, and objects have names of one length", async () => {
  const namespace = new FakeNamespace();
  const bodies: string[] = [];
  const spying: ObjectNamespace = {
    idFromName: (name) => namespace.idFromName(name),
    get: (id) => {
      const stub = namespace.get(id as { name: string });
      return {
        fetch: (url, init) => {
          bodies.push(init.body);
          return stub.fetch(url, init);
        },
      };
    },
  };
  const keys = ["agent 7", "__proto__", "\u0000\ud800", "x".repeat(1_000_000)];
  for (const key of keys) deepEqual(await durableObjectStore(spying).take([limitOf(key)]), [0]);
  deepEqual([...namespace.storages.keys()], keys.map(keyDigest));
  equal(bodies.length, keys.length);
  for (const body of bodies) match(body, /^\{"op":"take","maxCalls":1,"windowMs":1000,"isEnforced":true\}$/);
});

test("rejects when an object cannot be reached, unless another one refuses", async () => {
  const namespace = new FakeNamespace();
  const store = durableObjectStore(namespace);
  namespace.unreachable.add(keyDigest("away"));
  await rejects(store.take([limitOf("a"), limitOf("away")]), { message: "the object cannot be reached" });
  await rejects(store.take([limitOf("b"), limitOf("away", { isEnforced: false })]), {
    message: "the object cannot be reached",
  });
  // The call may have gone ahead, so it counts.
  deepEqual(await store.take([limitOf("a"), limitOf("away")]), [1_000, 0]);
});

test("rejects what is answered by something else", async () => {
  const answering = (response: Response): ObjectNamespace => ({
    idFromName: () => ({}),
    get: () => ({ fetch: () => Promise.resolve(response) }),
  });
  await rejects(durableObjectStore(answering(new Response("", { status: 500 }))).take([limitOf("a")]), {
    code: "rate_limit_store_failed",
    message: "the rate limiter answered with status 500",
  });
  for (const json of [null, {}, []]) {
    await rejects(durableObjectStore(answering(Response.json(json))).take([limitOf("a")]), {
      code: "rate_limit_store_failed",
      message: "the Durable Object is none of the class `RuneRateLimiter`",
    });
  }
});

test("an object answers nothing but the store", async () => {
  const namespace = new FakeNamespace();
  const stub = namespace.get(namespace.idFromName("a"));
  for (const body of [
    "",
    "null",
    "[]",
    '{"op":"drop"}',
    '{"op":"take_back","atMs":"1"}',
    '{"op":"take","maxCalls":0,"windowMs":1,"isEnforced":true}',
    '{"op":"take","maxCalls":1,"windowMs":1}',
  ]) {
    const response = await stub.fetch("https://object/", { method: "POST", body });
    equal(response.status, 400, body);
  }
});

test("refuses what is no binding, word for word", async () => {
  for (const [given, got] of [
    [undefined, "`undefined`"],
    [{}, "an object"],
    ["LIMITS", "a string"],
  ] as const) {
    throws(() => durableObjectStore(given as unknown as ObjectNamespace), {
      code: "invalid_configuration",
      message: `expected a Durable Object binding to the class \`RuneRateLimiter\`, got ${got}`,
    });
  }
  await rejects(durableObjectStore(new FakeNamespace()).take([limitOf("a"), limitOf("a")]), {
    message: "two limits of one call have the same `key`",
  });
});
