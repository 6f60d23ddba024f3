import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "../testing/fake-clock.js";
import { Batcher, type Deliveries, type Limits, type Parcel, type Spool } from "./batcher.js";
import type { Answer } from "./transport.js";

const LIMITS: Limits = { batchSize: 3, flushIntervalMs: 5000, queueLimit: 10, timeoutMs: 10_000 };
const FAILED: Answer = { kind: "failed", reason: "the server answered 500", afterMs: null };

/** A batcher in a world of its own, whose server answers as it is told. */
function world(limits: Partial<Limits> = {}, { hasTimers = true, spool = null as Spool | null } = {}) {
  const clock = new FakeClock();
  const sent: { ids: string[]; keepalive: boolean; atMs: number }[] = [];
  const warnings: string[] = [];
  const notes: string[] = [];
  let answer: (count: number) => Answer | Promise<Answer> = (count) => ({ kind: "accepted", count });
  const batcher = new Batcher(
    {
      nowMs: clock.nowMs,
      random: () => 1,
      setTimer: clock.setTimer,
      clearTimer: clock.clearTimer,
      async send(body, keepalive) {
        const { events } = JSON.parse(body) as { events: string[] };
        sent.push({ ids: events, keepalive, atMs: clock.nowMs() });
        return answer(events.length);
      },
      spool,
      hasTimers,
      note: (line) => notes.push(line),
      warn: (cause) => warnings.push(cause),
    },
    { ...LIMITS, ...limits },
  );
  let next = 0;
  return {
    batcher,
    clock,
    sent,
    warnings,
    notes,
    add(count: number) {
      for (let left = count; left > 0; left--) batcher.add(parcel(String(next++)));
    },
    answers(with_: typeof answer) {
      answer = with_;
    },
  };
}

function parcel(id: string): Parcel {
  return { id, json: JSON.stringify(id) };
}

function counts({ queued, sent, failed, dropped }: Deliveries): number[] {
  return [queued, sent, failed, dropped];
}

test("a batch goes when it is full or when its time is over, and never before the caller is done", async () => {
  const { batcher, clock, sent, add } = world();
  add(2);
  equal(sent.length, 0);
  await clock.advance(4999);
  equal(sent.length, 0);
  await clock.advance(1);
  deepEqual(sent, [{ ids: ["0", "1"], keepalive: false, atMs: 5000 }]);
  add(7);
  equal(sent.length, 1);
  await clock.advance(0);
  deepEqual(sent.map(({ ids }) => ids).slice(1), [["2", "3", "4"], ["5", "6", "7"], ["8"]]);
  deepEqual(counts(batcher.deliveries), [0, 9, 0, 0]);
  equal(clock.timers, 0);
});

test("one request is under way at a time", async () => {
  const { batcher, clock, sent, add, answers } = world();
  const landings: (() => void)[] = [];
  answers((count) => new Promise((resolve) => landings.push(() => resolve({ kind: "accepted", count }))));
  add(6);
  await clock.advance(100);
  add(3);
  void batcher.flush();
  await clock.advance(100);
  deepEqual(sent.length, 1);
  deepEqual(counts(batcher.deliveries), [9, 0, 0, 0]);
  landings.shift()?.();
  await clock.advance(0);
  equal(sent.length, 2);
  deepEqual(counts(batcher.deliveries), [6, 3, 0, 0]);
});

test("what failed is sent again as it was, later and later, and not before the server wants it", async () => {
  const { batcher, clock, sent, add, answers } = world();
  answers(() => FAILED);
  add(3);
  await clock.advance(100_000);
  const times = sent.map(({ atMs }) => atMs);
  deepEqual(times, [0, 500, 1500, 3500, 7500, 15_500, 31_500, 61_500, 91_500]);
  ok(sent.every(({ ids }) => ids.join() === "0,1,2"));
  answers(() => ({ ...FAILED, afterMs: 100_000 }));
  await clock.advance(25_000);
  equal(sent.at(-1)?.atMs, 121_500);
  answers((count) => ({ kind: "accepted", count }));
  await clock.advance(96_000);
  equal(sent.length, 10);
  await clock.advance(1000);
  equal(sent.length, 11);
  deepEqual(counts(batcher.deliveries), [0, 3, 0, 0]);
  add(1);
  await clock.advance(5000);
  equal(sent.length, 12);
});

test("a full batch does not go before its time after a failure, but `flush` does, once", async () => {
  const { batcher, clock, sent, add, answers } = world();
  answers(() => FAILED);
  add(3);
  await clock.advance(0);
  add(3);
  await clock.advance(100);
  equal(sent.length, 1);
  await batcher.flush();
  equal(sent.length, 2);
  await batcher.deliver();
  equal(sent.length, 2);
  answers((count) => ({ kind: "accepted", count }));
  await batcher.flush();
  deepEqual(counts(batcher.deliveries), [0, 6, 0, 0]);
});

test("`flush` waits for what is under way, and not for what comes after it", async () => {
  const { batcher, clock, sent, add, answers } = world();
  await batcher.flush();
  answers((count) => {
    add(1);
    return { kind: "accepted", count };
  });
  add(4);
  await batcher.flush();
  deepEqual(
    sent.map(({ ids }) => ids),
    [
      ["0", "1", "2"],
      ["3", "4"],
    ],
  );
  deepEqual(counts(batcher.deliveries), [1, 5, 0, 0]);
  let isDone = false;
  answers(() => new Promise(() => {}));
  void batcher.flush().then(() => {
    isDone = true;
  });
  void batcher.flush();
  await clock.advance(10_000);
  equal(isDone, false);
});

test("a refusal is final, and so is what a server says it took", async () => {
  const { batcher, clock, add, answers, warnings, notes } = world();
  answers(() => ({ kind: "refused", status: 401 }));
  add(3);
  await clock.advance(0);
  answers(() => ({ kind: "accepted", count: 2 }));
  add(3);
  await clock.advance(0);
  answers(() => ({ kind: "accepted", count: 99 }));
  add(3);
  await clock.advance(100_000);
  deepEqual(counts(batcher.deliveries), [0, 5, 4, 0]);
  deepEqual(warnings, ["events_refused", "events_refused"]);
  deepEqual(notes, ["events: 0 of 3 delivered (status 401)", "events: 2 of 3 delivered", "events: 3 of 3 delivered"]);
});

test("a full queue gives up its oldest, except those under way", async () => {
  const { batcher, clock, sent, add, answers, warnings } = world();
  answers(() => FAILED);
  add(3);
  await clock.advance(0);
  add(9);
  deepEqual(counts(batcher.deliveries), [10, 0, 0, 2]);
  let land = (_: Answer): void => {};
  answers(
    () =>
      new Promise((resolve) => {
        land = resolve;
      }),
  );
  void batcher.flush();
  deepEqual(sent.at(-1)?.ids, ["2"]);
  add(2);
  deepEqual(counts(batcher.deliveries), [10, 0, 0, 4]);
  land({ kind: "accepted", count: 1 });
  answers((count) => ({ kind: "accepted", count }));
  await clock.advance(0);
  deepEqual(
    sent.slice(2).map(({ ids }) => ids),
    [
      ["5", "6", "7"],
      ["8", "9", "10"],
      ["11", "12", "13"],
    ],
  );
  deepEqual(counts(batcher.deliveries), [0, 10, 0, 4]);
  deepEqual(new Set(warnings), new Set(["events_dropped"]));
});

test("a queue smaller than a batch, of which all is under way, gives up what is new", async () => {
  const { batcher, add, answers } = world({ queueLimit: 2 });
  answers(() => new Promise(() => {}));
  add(2);
  void batcher.flush();
  add(1);
  deepEqual(counts(batcher.deliveries), [2, 0, 0, 1]);
});

test("closing delivers within the time-out and a second; the rest and what comes later is given up", async () => {
  const { batcher, clock, sent, add, answers } = world();
  answers(() => new Promise(() => {}));
  add(2);
  let isClosed = false;
  const closed = batcher.close().then(() => {
    isClosed = true;
  });
  await clock.advance(10_499);
  equal(isClosed, false);
  await clock.advance(1);
  equal(isClosed, true);
  add(1);
  await closed;
  await batcher.close();
  deepEqual(counts(batcher.deliveries), [0, 0, 0, 3]);
  equal(clock.timers, 0);
  const { batcher: good, add: addGood } = world();
  addGood(8);
  await good.close();
  deepEqual(counts(good.deliveries), [0, 8, 0, 0]);
  equal(sent.length, 1);
});

test("a late answer to a closed batcher changes nothing", async () => {
  const { batcher, clock, add, answers } = world();
  let land = (_: Answer): void => {};
  answers(
    () =>
      new Promise((resolve) => {
        land = resolve;
      }),
  );
  add(2);
  void batcher.close();
  await clock.advance(11_000);
  land({ kind: "accepted", count: 2 });
  await clock.advance(0);
  deepEqual(counts(batcher.deliveries), [0, 0, 0, 2]);
});

test("without timers nothing goes by itself, and a Worker that ended with a request under way does not stop the next", async () => {
  const { batcher, clock, sent, add, answers } = world({}, { hasTimers: false });
  answers(() => new Promise(() => {}));
  add(5);
  await clock.advance(100_000);
  equal(sent.length, 0);
  void batcher.deliver();
  await clock.advance(0);
  equal(sent.length, 1);
  clock.set(clock.nowMs() + 11_001);
  answers((count) => ({ kind: "accepted", count }));
  await batcher.deliver();
  deepEqual(counts(batcher.deliveries), [0, 5, 0, 0]);
  deepEqual(sent[1]?.ids, sent[0]?.ids);
});

test("who waits for a request of which nothing is heard any more sends it again", async () => {
  const { batcher, clock, sent, add, answers } = world({}, { hasTimers: false });
  answers(() => new Promise(() => {}));
  add(2);
  void batcher.deliver();
  await clock.advance(1000);
  answers((count) => ({ kind: "accepted", count }));
  void batcher.deliver();
  await clock.advance(10_500);
  deepEqual(
    sent.map(({ ids }) => ids),
    [
      ["0", "1"],
      ["0", "1"],
    ],
  );
  deepEqual(counts(batcher.deliveries), [0, 2, 0, 0]);
});

test("a page that goes away sends what may outlive it, what is under way included", async () => {
  const { batcher, clock, sent, add, answers } = world({ queueLimit: 1000 });
  batcher.hurry();
  answers(() => new Promise(() => {}));
  add(3);
  await clock.advance(0);
  add(4);
  batcher.hurry();
  deepEqual(sent.at(-1), { ids: ["0", "1", "2", "3", "4", "5", "6"], keepalive: true, atMs: 0 });
  const large = world({ queueLimit: 1000 });
  for (let id = 0; id < 7; id++) large.batcher.add(parcel(`${id}${"é".repeat(5000)}`));
  large.batcher.hurry();
  equal(large.sent[0]?.ids.length, 6);
  deepEqual(counts(large.batcher.deliveries), [7, 0, 0, 0]);
  await large.clock.advance(5000);
  deepEqual(counts(large.batcher.deliveries), [0, 7, 0, 0]);
});

test("a batch is no larger than a server takes", async () => {
  const { clock, sent, batcher } = world({ batchSize: 100, queueLimit: 1000 });
  for (let id = 0; id < 3; id++) batcher.add(parcel(`${id}${"x".repeat(300_000)}`));
  batcher.add(parcel(`big${"x".repeat(600_000)}`));
  await clock.advance(5000);
  deepEqual(
    sent.map(({ ids }) => ids.length),
    [1, 1, 1, 1],
  );
});

test("the spool has what waits, and no more", async () => {
  const kept = new Set<string>();
  let closed = 0;
  const spool: Spool = {
    add: ({ id }) => kept.add(id),
    remove: (ids) => {
      for (const id of ids) kept.delete(id);
    },
    sync: () => {},
    close: () => {
      closed += 1;
    },
  };
  const { batcher, clock, add, answers } = world({}, { spool });
  add(12);
  equal(kept.size, 10);
  await clock.advance(0);
  equal(kept.size, 0);
  answers(() => FAILED);
  add(4);
  await batcher.close();
  deepEqual([...kept], ["12", "13", "14", "15"]);
  deepEqual(counts(batcher.deliveries), [4, 10, 0, 2]);
  equal(closed, 1);
});

test("what an earlier process left is delivered, and what there is no room for is counted", async () => {
  const { batcher, clock, sent } = world();
  batcher.restore([parcel("a"), parcel("b")], 5);
  await clock.advance(5000);
  deepEqual(sent[0]?.ids, ["a", "b"]);
  deepEqual(counts(batcher.deliveries), [0, 2, 0, 5]);
});

test("whatever happens, each event is in one place, and what is not given up arrives in the end", async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), count: fc.integer({ min: 1, max: 15 }) }),
    fc.record({ kind: fc.constant("wait" as const), count: fc.integer({ min: 0, max: 40_000 }) }),
    fc.record({ kind: fc.constantFrom("flush" as const, "deliver" as const, "hurry" as const), count: fc.constant(0) }),
  );
  const answer = fc.constantFrom("accepted", "failed", "refused", "hangs", "slow");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.array(answer, { maxLength: 30 }), async (steps, plan) => {
      const { batcher, clock, sent, add, answers } = world();
      const answersLeft = [...plan];
      const arrived = new Set<string>();
      answers((count) => {
        const kind = answersLeft.shift() ?? "accepted";
        if (kind === "failed") return FAILED;
        if (kind === "refused") return { kind, status: 400 };
        if (kind === "hangs") return new Promise((resolve) => clock.setTimer(() => resolve(FAILED), 10_000));
        for (const id of sent.at(-1)?.ids ?? []) arrived.add(id);
        const good = { kind: "accepted", count } as const;
        return kind === "slow" ? new Promise((resolve) => clock.setTimer(() => resolve(good), 3000)) : good;
      });
      let added = 0;
      for (const { kind, count } of steps) {
        if (kind === "add") {
          added += count;
          add(count);
        } else if (kind === "wait") await clock.advance(count);
        else void batcher[kind]();
        const { queued, sent: taken, failed, dropped } = batcher.deliveries;
        equal(queued + taken + failed + dropped, added);
        ok(queued <= LIMITS.queueLimit);
      }
      answersLeft.length = 0;
      await clock.advance(200_000);
      const { queued, sent: taken, failed, dropped } = batcher.deliveries;
      deepEqual([queued, taken + failed + dropped], [0, added]);
      ok(arrived.size >= taken);
      equal(clock.timers, 0);
    }),
    { numRuns: 300 },
  );
});
