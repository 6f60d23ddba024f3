import { deepEqual, equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Miniflare } from "miniflare";
import type { RateLimit } from "../../src/rate-limits/store.js";
import { PROJECT } from "./project.js";
import { startWorkerd, type Workerd } from "./workerd.js";

/** Longer than any run of the tests. */
const HOUR_MS = 3_600_000;
const limitOf = (key: string, maxCalls: number, windowMs = HOUR_MS): RateLimit => ({
  key,
  maxCalls,
  windowMs,
  isEnforced: true,
});

async function inWorkerd(work: (start: () => Promise<Workerd>) => Promise<void>): Promise<void> {
  const disk = mkdtempSync(join(tmpdir(), "runesec-objects-"));
  const started: Workerd[] = [];
  try {
    await work(async () => {
      const args = [`--directory-path=disk=${disk}`];
      const workerd = await startWorkerd("rate-limits-workerd.capnp", ["first", "second"], args);
      started.push(workerd);
      return workerd;
    });
  } finally {
    for (const workerd of started) await workerd.stop();
    rmSync(disk, { recursive: true });
  }
}

/** How many of many calls pass that both Workers make at once. */
async function passedOf(
  workerd: Workerd,
  binding: string,
  calls: number,
  limits: (worker: string) => RateLimit[],
): Promise<number> {
  const answers = ["first", "second"].map(async (worker) => {
    const batches = Array.from({ length: 8 }, () =>
      workerd.request(worker, `/${binding}`, Array<RateLimit[]>(calls / 16).fill(limits(worker))),
    );
    return (await Promise.all(batches)).flat() as number[][];
  });
  const waits = (await Promise.all(answers)).flat();
  equal(waits.length, calls);
  return waits.filter((each) => each.every((waitMs) => waitMs === 0)).length;
}

for (const binding of ["KEY_VALUE", "SQLITE"]) {
  test(`two Workers share a limit, which a restart keeps (${binding})`, async () => {
    await inWorkerd(async (start) => {
      let workerd = await start();
      equal(await passedOf(workerd, binding, 320, () => [limitOf("agent", 100)]), 100);
      const both = (worker: string): RateLimit[] => [limitOf(`session of ${worker}`, 300), limitOf("global", 1_000)];
      // All race for the last room of `agent`; what they take of `global` meanwhile, they give back.
      equal(await passedOf(workerd, binding, 320, both), 320);
      equal(await passedOf(workerd, binding, 320, () => [limitOf("agent", 101), limitOf("global", 1_000)]), 1);

      await workerd.stop();
      workerd = await start();
      equal(await passedOf(workerd, binding, 16, () => [limitOf("agent", 101)]), 0);
      equal(await passedOf(workerd, binding, 160, () => [limitOf("global", 400)]), 400 - 321);
    });
  });
}

test("an object empties its storage when the window is over", async () => {
  await inWorkerd(async (start) => {
    const workerd = await start();
    const name = createHash("sha256").update(JSON.stringify("brief")).digest("hex");
    const stored = (): Promise<unknown> => workerd.request("second", `/SQLITE?name=${name}`);
    deepEqual(await workerd.request("first", "/SQLITE", [[limitOf("brief", 1, 1_000)]]), [[0]]);
    equal(await stored(), 1);
    while ((await stored()) !== 0) await new Promise((resolve) => setTimeout(resolve, 50));
    deepEqual(await workerd.request("first", "/SQLITE", [[limitOf("brief", 1, 1_000)]]), [[0]]);
  });
});

// Outside Cloudflare's network workerd has no rate limiter. What stands in for it here is Miniflare's, which `wrangler dev`
// gives to developers: the same call, counted in fixed periods, in the real workerd.
test("the rate-limit binding refuses what is beyond its own limit", async () => {
  const miniflare = new Miniflare({
    modules: true,
    script: readFileSync(`${PROJECT}/rate-limits-worker.js`, "utf8"),
    compatibilityDate: "2026-01-01",
    ratelimits: { BINDING: { namespace_id: "1001", simple: { limit: 5, period: 60 } } },
  });
  try {
    const take = async (key: string, calls: number): Promise<number[]> => {
      const body = JSON.stringify(Array<RateLimit[]>(calls).fill([limitOf(key, 1, 1_234)]));
      const response = await miniflare.dispatchFetch("http://localhost/BINDING", { method: "POST", body });
      return ((await response.json()) as number[][]).flat();
    };
    const waits = await take("agent", 20);
    deepEqual(new Set(waits), new Set([0, 1_234]));
    const passed = waits.filter((waitMs) => waitMs === 0).length;
    // Twice the limit if the minute was over in between.
    ok(passed === 5 || passed === 10);
    deepEqual(await take("another agent", 5), [0, 0, 0, 0, 0]);
  } finally {
    await miniflare.dispose();
  }
});
