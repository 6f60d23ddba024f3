import { deepEqual, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { keyDigest } from "../../rate-limits/key-digest.js";
import type { RateLimit } from "../../rate-limits/store.js";
import { rateLimitBindingStore } from "./rate-limit-binding-store.js";
import type { RateLimitBinding } from "./types.js";

const limitOf = (key: string, isEnforced = true): RateLimit => ({ key, maxCalls: 1, windowMs: 500, isEnforced });

/** A binding that refuses the given keys and notes what it was asked. */
function fakeBinding(refused: readonly string[]): { binding: RateLimitBinding; asked: object[] } {
  const asked: object[] = [];
  const digests = refused.map(keyDigest);
  const binding: RateLimitBinding = {
    limit: (options) => {
      asked.push(options);
      return Promise.resolve({ success: !digests.includes(options.key) });
    },
  };
  return { binding, asked };
}

test("asks for each limit by the digest of its key, the enforced ones first", async () => {
  const { binding, asked } = fakeBinding([]);
  deepEqual(await rateLimitBindingStore(binding).take([limitOf("a", false), limitOf("b"), limitOf("c")]), [0, 0, 0]);
  deepEqual(
    asked,
    ["b", "c", "a"].map((key) => ({ key: keyDigest(key) })),
  );
});

test("answers with the window when the binding refuses, and takes nothing after that", async () => {
  const { binding, asked } = fakeBinding(["b", "c"]);
  const store = rateLimitBindingStore(binding);
  deepEqual(await store.take([limitOf("a"), limitOf("b"), limitOf("c"), limitOf("d", false)]), [0, 500, 0, 0]);
  deepEqual(asked.length, 2);
});

test("a limit that is not enforced tells and stops nothing", async () => {
  const { binding, asked } = fakeBinding(["a"]);
  deepEqual(await rateLimitBindingStore(binding).take([limitOf("a", false), limitOf("b", false)]), [500, 0]);
  deepEqual(asked.length, 2);
});

test("rejects when the binding does, and refuses what is none", async () => {
  const failing = { limit: () => Promise.reject(new Error("internal error")) };
  await rejects(rateLimitBindingStore(failing).take([limitOf("a")]), { message: "internal error" });
  await rejects(rateLimitBindingStore(failing).take([{ ...limitOf("a"), windowMs: 0 }]), {
    message: "limit field `windowMs` must be a finite number of milliseconds above 0, got `0`",
  });
  for (const [given, got] of [
    [undefined, "`undefined`"],
    [{ get: () => null }, "an object"],
  ] as const) {
    throws(() => rateLimitBindingStore(given as unknown as RateLimitBinding), {
      code: "invalid_configuration",
      message: `expected a rate-limit binding with a method \`limit\`, got ${got}`,
    });
  }
});
