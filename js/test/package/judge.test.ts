import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { startWorkerd } from "./workerd.js";

interface Seen {
  readonly events: readonly [string, string | null][];
  readonly warnings: readonly string[];
}

test("a Worker asks a model of Workers AI, by the real binding, before its answer and behind it", async () => {
  const workerd = await startWorkerd("judge-workerd.capnp", ["http"], ["--experimental"]);
  const ask = <T>(path: string): Promise<T> => workerd.request("http", path) as Promise<T>;
  const until = async (path: string, count: number): Promise<Seen> => {
    for (;;) {
      const seen = await ask<Seen>(path);
      if (seen.events.length === count) return seen;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  try {
    deepEqual(await ask("/deep?text=evil"), ["block", null]);
    deepEqual(await ask("/deep?text=honest"), ["pass", null]);
    deepEqual(await ask("/deep?text=broken"), [null, "judge_failed"]);
    deepEqual(await ask("/deep?text=hang"), [null, "judge_timeout"]);
    const before = await ask<Seen>("/");
    deepEqual(before.warnings, ["judge_failed", "judge_timeout"]);
    // The answer comes first, and `waitUntil` keeps the Worker going until the judge has spoken.
    equal((await ask<Seen>("/behind?text=evil")).events.length, 4);
    const behind = await until("/", 5);
    deepEqual(behind.events[4], ["alert", "block"]);
    // Nothing keeps this one going, so its judgement may never come; its event does.
    await ask("/lost?text=hang");
    const lost = await until("/flush", 6);
    deepEqual(lost.events[5], ["allow", null]);
  } finally {
    await workerd.stop();
  }
});
