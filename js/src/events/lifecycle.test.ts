import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Batcher } from "./batcher.js";
import { deliverAtEnd } from "./lifecycle.js";

/** A batcher without timers, and the requests that it made. */
function offline(kind: "accepted" | "failed") {
  const requests: boolean[] = [];
  const batcher = new Batcher(
    {
      nowMs: () => 0,
      random: () => 0,
      setTimer: () => null,
      clearTimer: () => {},
      async send(_, keepalive) {
        requests.push(keepalive);
        return kind === "accepted" ? { kind, count: 1 } : { kind, reason: "", afterMs: null };
      },
      spool: null,
      hasTimers: false,
      note: () => {},
      warn: () => {},
    },
    { batchSize: 10, flushIntervalMs: 1000, queueLimit: 10, timeoutMs: 1000 },
  );
  let next = 0;
  return { batcher, requests, add: () => batcher.add({ id: String(next), json: String(next++) }) };
}

/** Something that can end, as often as it is told. */
function ending(name: string) {
  let listeners: (() => void)[] = [];
  let added = 0;
  const add = (event: string, listener: () => void): void => {
    equal(event, name);
    listeners.push(listener);
    added += 1;
  };
  return {
    process: { once: add },
    addEventListener: add,
    get added() {
      return added;
    },
    async end() {
      const heard = listeners;
      listeners = [];
      for (const listener of heard) listener();
      await new Promise(setImmediate);
    },
  };
}

test("a process that ends delivers what waits; it tries again only if there is something new", async () => {
  const program = ending("beforeExit");
  const [good, bad, none] = [offline("accepted"), offline("failed"), offline("accepted")];
  for (const each of [good, bad, none]) deliverAtEnd(each.batcher, false, program);
  equal(program.added, 1);
  good.add();
  bad.add();
  await program.end();
  await program.end();
  deepEqual([good.requests, bad.requests, none.requests], [[false], [false], []]);
  bad.add();
  good.add();
  await program.end();
  deepEqual([good.requests.length, bad.requests.length], [2, 2]);
  await bad.batcher.close();
  await program.end();
  equal(bad.requests.length, 3);
});

test("a page that is left sends what may outlive it, each time", async () => {
  const page = ending("pagehide");
  const { batcher, requests, add } = offline("accepted");
  deliverAtEnd(batcher, true, page);
  add();
  await page.end();
  deepEqual(requests, [true]);
});

test("where nothing tells of the end, nothing is done", () => {
  deliverAtEnd(offline("accepted").batcher, false, {});
  deliverAtEnd(offline("accepted").batcher, true, {});
});
