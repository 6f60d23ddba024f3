import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { EVERY_FAILURE, type Failure, startHostileServer } from "../../test/support/hostile-server.js";
import type { Destination } from "../http/request.js";
import { type Answer, send } from "./transport.js";

const KEY = "rune_live_0123456789";
const BODY = '{"events":[{"event_id":"evt_1"}]}';
const NO_ANSWER: Answer = { kind: "failed", reason: "the answer was not that of an event server", afterMs: null };
const TOO_LATE: Answer = { kind: "failed", reason: "the server took too long", afterMs: null };
const NO_CONNECTION: Answer = { kind: "failed", reason: "there was no connection", afterMs: null };

function to(url: string, changed: Partial<Destination> = {}): Destination {
  return { url: `${url}/v1/events`, apiKey: KEY, timeoutMs: 300, isBrowser: false, fetch, ...changed };
}

test("sends the key and the events, and reads how many were taken", async () => {
  const server = await startHostileServer();
  deepEqual(await send(to(server.url), BODY, false), { kind: "accepted", count: 1 });
  const [received = ""] = server.received;
  ok(received.startsWith("POST /v1/events "));
  ok(received.includes(`"x-rune-key","${KEY}"`) && received.includes('"content-type","application/json"'), received);
  ok(received.endsWith(BODY));
  await server.stop();
});

test("says what went wrong, whatever a server does, in words of its own", async () => {
  const server = await startHostileServer();
  const answers: Record<Failure, Answer> = {
    drop: NO_CONNECTION,
    hang: TOO_LATE,
    busy: { kind: "failed", reason: "the server answered 429", afterMs: 0 },
    busyUntil: { kind: "failed", reason: "the server answered 429", afterMs: 0 },
    broken: { kind: "failed", reason: "the server answered 500", afterMs: null },
    timeOut: { kind: "failed", reason: "the server answered 408", afterMs: null },
    garbage: NO_CONNECTION,
    redirect: { kind: "failed", reason: "the server answered 307", afterMs: null },
    portal: NO_ANSWER,
    wrongAnswer: NO_ANSWER,
    endless: NO_ANSWER,
    slow: TOO_LATE,
    cut: NO_CONNECTION,
  };
  for (const failure of EVERY_FAILURE) {
    server.next = () => failure;
    const before = server.requests;
    deepEqual(await send(to(server.url), BODY, false), answers[failure], failure);
    equal(server.requests, before + 1, failure);
  }
  await server.stop();
  deepEqual(await send(to(server.url), BODY, false), NO_CONNECTION);
});

test("other refusals are final", async () => {
  for (const status of [400, 401, 403, 404, 413]) {
    const fetch = async (): Promise<Response> => new Response("no", { status });
    deepEqual(await send(to("https://x.test", { fetch }), BODY, false), { kind: "refused", status });
  }
});

test("a `fetch` that throws, hangs or answers nonsense is survived", async () => {
  for (const fetch of [
    () => {
      throw new Error(`Invalid header value: ${KEY}`);
    },
    () => Promise.reject(new Error(KEY)),
    async () => null as unknown as Response,
  ]) {
    deepEqual(await send(to("https://x.test", { fetch }), BODY, false), NO_CONNECTION);
  }
  deepEqual(
    await send(to("https://x.test", { timeoutMs: 20, fetch: () => new Promise(() => {}) }), BODY, false),
    TOO_LATE,
  );
});

test("options that only some platforms know are named only there", async () => {
  const seen: RequestInit[] = [];
  const fetch = async (_: string, init: RequestInit): Promise<Response> => {
    const { signal, ...rest } = init;
    seen.push(rest);
    return new Response('{"accepted":0}');
  };
  await send(to("https://x.test", { fetch }), BODY, false);
  await send(to("https://x.test", { fetch, isBrowser: true }), BODY, true);
  const headers = { "content-type": "application/json", "x-rune-key": KEY };
  const plain = { method: "POST", headers, body: BODY, redirect: "manual" };
  deepEqual(seen, [plain, { ...plain, keepalive: true, referrerPolicy: "no-referrer" }]);
});
