import { attempt, type Fetch } from "../http/attempt.js";
import { retryAfterMs } from "../http/backoff.js";
import { textOf } from "../http/body.js";

/** What became of one request. It names what went wrong in words of our own: errors of `fetch` may quote headers. */
export type Answer =
  /** The server has taken this many of the events. */
  | { readonly kind: "accepted"; readonly count: number }
  /** It will never take them. */
  | { readonly kind: "refused"; readonly status: number }
  /** It may take them later; `afterMs` is what it asked for. */
  | { readonly kind: "failed"; readonly reason: string; readonly afterMs: number | null };

/** Where events go and how long to wait. */
export interface Destination {
  /** The whole URL. */
  readonly url: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
  /** Whether a browser is to leave out the address of its page. */
  readonly isBrowser: boolean;
  readonly fetch: Fetch;
}

/** More than any answer needs; what is longer is no answer of ours. */
const MAX_ANSWER_BYTES = 16_384;
const NO_ANSWER = { tooLate: failed("the server took too long"), failed: failed("there was no connection") };

/**
 * Sends events once. Never rejects, and ends after the time-out even if `fetch` does not.
 *
 * @param body the JSON text of the request
 * @param keepalive whether the request may outlive the page; its body must be shorter than 64 KiB then
 */
export function send(destination: Destination, body: string, keepalive: boolean): Promise<Answer> {
  return attempt(destination.timeoutMs, (signal) => request(destination, body, keepalive, signal), NO_ANSWER);
}

async function request(
  { url, apiKey, isBrowser, fetch }: Destination,
  body: string,
  keepalive: boolean,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-rune-key": apiKey },
    body,
    // Whoever is redirected to must not get the key.
    redirect: "manual",
    signal,
    // Workers refuse some options that they do not know, so these are named only where they matter.
    ...(keepalive ? { keepalive } : {}),
    ...(isBrowser ? { referrerPolicy: "no-referrer" } : {}),
  });
  const { status } = response;
  if (status >= 200 && status < 300) return accepted(await textOf(response, MAX_ANSWER_BYTES));
  if (status === 408 || status === 429 || status >= 500) {
    return failed(`the server answered ${status}`, retryAfterMs(response.headers.get("retry-after"), Date.now()));
  }
  if (status >= 400) return { kind: "refused", status };
  return failed(status === 0 ? "the server redirected" : `the server answered ${status}`);
}

/** A proxy or a portal may answer "fine" as well, without having taken anything. */
function accepted(text: string | null): Answer {
  try {
    const { accepted: count } = JSON.parse(text ?? "") as { accepted?: unknown };
    if (Number.isSafeInteger(count) && (count as number) >= 0) return { kind: "accepted", count: count as number };
  } catch {
    // The same as an answer that says something else.
  }
  return failed("the answer was not that of an event server");
}

function failed(reason: string, afterMs: number | null = null): Answer {
  return { kind: "failed", reason, afterMs };
}
