import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { ask, type Destination } from "./request.js";

const KEY = "rune_live_0123456789";

function to(fetch: Destination["fetch"], changed: Partial<Destination> = {}): Destination {
  return { url: "https://x.test/v1/policies", apiKey: KEY, timeoutMs: 5000, isBrowser: false, fetch, ...changed };
}

async function statusOf(response: Response): Promise<number> {
  return response.status;
}

test("what is no answer has one meaning, whoever asks", async () => {
  for (const [response, meaning] of [
    [new Response(null, { status: 204 }), 204],
    [new Response(null, { status: 304 }), 304],
    [new Response(null, { status: 302 }), { kind: "failed", reason: "the server answered 302", afterMs: null }],
    [Response.error(), { kind: "failed", reason: "the server redirected", afterMs: null }],
    [new Response("no", { status: 404 }), { kind: "refused", status: 404 }],
    [
      new Response("", { status: 503, headers: { "retry-after": "7" } }),
      { kind: "failed", reason: "the server answered 503", afterMs: 7000 },
    ],
  ] as const) {
    deepEqual(
      await ask(
        to(async () => response),
        { method: "GET", headers: {} },
        statusOf,
      ),
      meaning,
    );
  }
});

test("who asks may give up, which ends the request, too", async () => {
  const cancel = new AbortController();
  let signal: AbortSignal | null | undefined;
  const fetch = (_: string, init: RequestInit): Promise<Response> => {
    signal = init.signal;
    return new Promise(() => {});
  };
  const asking = ask(to(fetch), { method: "GET", headers: {} }, statusOf, cancel.signal);
  equal(signal?.aborted, false);
  cancel.abort();
  deepEqual(await asking, { kind: "failed", reason: "there was no connection", afterMs: null });
  equal(signal?.aborted, true);
});

test("the key goes to the server only, and a page's address to none", async () => {
  const seen: RequestInit[] = [];
  const fetch = async (_: string, init: RequestInit): Promise<Response> => {
    seen.push(init);
    return new Response();
  };
  await ask(to(fetch, { isBrowser: true }), { method: "GET", headers: { "if-none-match": '"1"' } }, statusOf);
  const [init] = seen;
  deepEqual(init?.headers, { "if-none-match": '"1"', "x-rune-key": KEY });
  deepEqual([init?.redirect, init?.referrerPolicy], ["manual", "no-referrer"]);
});
