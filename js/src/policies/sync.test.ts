import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { PolicySyncError } from "../errors.js";
import { FakeClock } from "../testing/fake-clock.js";
import { PolicySync, type SyncWorld } from "./sync.js";
import type { SyncAnswer } from "./sync-request.js";

const FAILED: SyncAnswer = { kind: "failed", reason: "the server answered 503", afterMs: null };

function changed(text: string, etag: string | null = null): SyncAnswer {
  return { kind: "changed", text, etag };
}

/** A sync in a world where time stands still; each request is answered by hand. */
function still(hasTimers: boolean, random = 0.5) {
  const clock = new FakeClock(1000);
  const asked: { etag: string | null; cancelled: AbortSignal; answer: (answer: SyncAnswer) => Promise<void> }[] = [];
  const applied: string[] = [];
  const warnings: string[] = [];
  const world: SyncWorld = {
    ...clock,
    nowMs: clock.nowMs,
    random: () => random,
    ask: (etag, cancelled) =>
      new Promise((resolve) => {
        const answer = async (given: SyncAnswer): Promise<void> => {
          resolve(given);
          await clock.advance(0);
        };
        asked.push({ etag, cancelled, answer });
      }),
    apply(text) {
      if (text === "bad") throw new PolicySyncError("a bad document");
      if (text === "odd") throw new TypeError("odd");
      if (text === "portal") return false;
      applied.push(text);
      return true;
    },
    hasTimers,
    note: () => {},
    warn: (trouble, { message }) => warnings.push(`${trouble}: ${message}`),
  };
  const sync = new PolicySync(world, { intervalMs: 60_000, timeoutMs: 10_000 });
  return { sync, clock, asked, applied, warnings };
}

/** How long after an answer the next request comes, where there are timers. */
async function waitAfter(answers: readonly SyncAnswer[], random: number): Promise<number> {
  const { sync, clock, asked } = still(true, random);
  sync.start();
  for (const [index, answer] of answers.entries()) {
    if (index > 0) await clock.advance(3_600_000);
    await asked[index]?.answer(answer);
  }
  const from = clock.nowMs();
  while (asked.length === answers.length && clock.nowMs() - from < 1_000_000) await clock.advance(50);
  return clock.nowMs() - from;
}

test("asks at the start and then every interval, a tenth more or less", async () => {
  equal(await waitAfter([changed("a")], 0), 54_000);
  equal(await waitAfter([changed("a")], 0.5), 60_000);
  equal(await waitAfter([changed("a"), { kind: "unchanged" }], 0.999), 66_000);
});

test("after failures it comes back soon, then later and later, and not before the server wants it", async () => {
  equal(await waitAfter([FAILED], 0), 250);
  equal(await waitAfter([FAILED], 0.999), 500);
  equal(await waitAfter([FAILED, FAILED, FAILED], 0), 1000);
  equal(await waitAfter(Array(20).fill(FAILED), 0), 15_000);
  equal(await waitAfter([FAILED, changed("a"), FAILED], 0), 250);
  equal(await waitAfter([{ kind: "failed", reason: "", afterMs: 20_000 }], 0), 20_000);
  equal(await waitAfter([changed("portal")], 0), 250);
});

test("what somebody must put right first is asked for no more often than what is well", async () => {
  equal(await waitAfter([{ kind: "refused", status: 401 }], 0.5), 60_000);
  equal(await waitAfter([changed("bad")], 0.5), 60_000);
});

test("what came last holds, whatever comes, and only its ETag is sent", async () => {
  const { sync, clock, asked, applied, warnings } = still(true);
  sync.start();
  equal(sync.hasArrived, false);
  await asked[0]?.answer(changed("first", '"1"'));
  const answers = [
    FAILED,
    changed("bad", '"2"'),
    { kind: "unchanged" },
    changed("odd", '"3"'),
    changed("second"),
  ] as const;
  for (const [index, answer] of answers.entries()) {
    await clock.advance(60_000);
    await asked[index + 1]?.answer(answer);
  }
  await clock.advance(60_000);
  deepEqual(
    asked.map(({ etag }) => etag),
    [null, '"1"', '"1"', '"1"', '"1"', '"1"', null],
  );
  deepEqual(applied, ["first", "second"]);
  equal(sync.hasArrived, true);
  deepEqual(sync.counts, { policySyncsTotal: 3, policySyncFailuresTotal: 3 });
  deepEqual(warnings, [
    "policy_sync_failed: Policy sync failed: the server answered 503",
    "policy_sync_invalid: Policy sync failed: a bad document",
    "policy_sync_invalid: Policy sync failed: the answer could not be read",
  ]);
});

test("without timers nothing goes by itself; a use begins a sync when it is time, and goes on", async () => {
  const { sync, clock, asked } = still(false);
  sync.start();
  await clock.advance(600_000);
  deepEqual([asked.length, clock.timers], [0, 0]);
  const begun = sync.refresh();
  deepEqual([asked.length, begun !== null, sync.refresh()], [1, true, null]);
  await asked[0]?.answer(changed("first"));
  await begun;
  equal(sync.hasArrived, true);
  await clock.advance(59_999);
  equal(sync.refresh(), null);
  await clock.advance(1);
  equal(sync.refresh() !== null, true);
  await asked[1]?.answer(FAILED);
  deepEqual([sync.refresh(), clock.timers], [null, 0]);
  await clock.advance(375);
  equal(sync.refresh() !== null, true);
});

test("a clock that is set back does not put off the next sync", async () => {
  const { sync, clock, asked } = still(false);
  void sync.refresh();
  await asked[0]?.answer(changed("first"));
  clock.set(0);
  equal(sync.refresh() !== null, true);
});

test("a request that vanished with its Worker's call is given up by the clock, and counted", async () => {
  const { sync, clock, asked, warnings } = still(false);
  void sync.refresh();
  await clock.advance(11_000);
  equal(sync.refresh(), null);
  await clock.advance(1);
  equal(sync.refresh() !== null, true);
  deepEqual([asked.length, sync.counts.policySyncFailuresTotal], [2, 1]);
  deepEqual(warnings, [
    "policy_sync_failed: Policy sync failed: nothing was heard of the request; in a Worker pass `waitUntil`",
  ]);
  await asked[1]?.answer(changed("second"));
  await asked[0]?.answer(changed("first"));
  deepEqual(sync.counts, { policySyncsTotal: 1, policySyncFailuresTotal: 1 });
});

test("a slow answer does not undo what a later request has brought", async () => {
  const { sync, clock, asked, applied } = still(false);
  void sync.refresh();
  await clock.advance(11_001);
  void sync.refresh();
  await asked[1]?.answer(changed("new"));
  await asked[0]?.answer(changed("old"));
  deepEqual(applied, ["new"]);
});

test("`ready` waits for the first answer, good or bad, and for no other", async () => {
  for (const answer of [changed("first"), changed("bad"), FAILED]) {
    const { sync, asked, clock } = still(true);
    let ready = 0;
    sync.start();
    for (let waiting = 0; waiting < 2; waiting++) void sync.ready().then(() => ready++);
    await clock.advance(5000);
    deepEqual([asked.length, ready], [1, 0]);
    await asked[0]?.answer(answer);
    equal(ready, 2);
    await sync.ready();
  }
});

test("where requests vanish, `ready` asks itself rather than wait for another call's for long", async () => {
  const { sync, clock, asked } = still(false);
  let isReady = false;
  void sync.refresh();
  void sync.ready().then(() => {
    isReady = true;
  });
  await clock.advance(999);
  equal(asked.length, 1);
  await clock.advance(1);
  deepEqual([asked.length, isReady], [2, false]);
  await asked[1]?.answer(changed("first"));
  equal(isReady, true);
});

test("closing cancels what is under way, lets go who waits, and begins no more", async () => {
  for (const hasTimers of [true, false]) {
    const { sync, clock, asked, applied } = still(hasTimers);
    sync.start();
    void sync.refresh();
    const ready = sync.ready();
    sync.close();
    equal(asked[0]?.cancelled.aborted, true);
    await asked[0]?.answer(changed("late"));
    await ready;
    await clock.advance(3_600_000);
    deepEqual([sync.refresh(), asked.length, applied, clock.timers], [null, 1, [], 0]);
  }
  const { sync, clock, asked } = still(true);
  sync.start();
  await asked[0]?.answer(changed("first"));
  sync.close();
  equal(clock.timers, 0);
});
