import { attempt, type Fetch } from "./attempt.js";
import { retryAfterMs } from "./backoff.js";

/** A server that gets the API key, and how long to wait for it. */
export interface Destination {
  /** The whole URL. */
  readonly url: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
  /** Whether a browser is to leave out the address of its page. */
  readonly isBrowser: boolean;
  readonly fetch: Fetch;
}

/** What is asked. */
export interface Question {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether the request may outlive the page; its body must be shorter than 64 KiB then. */
  readonly keepalive?: true;
}

/** What any answer means that is not what was asked for. */
export type Trouble =
  /** It will be the same next time. */
  | { readonly kind: "refused"; readonly status: number }
  /** It may go better later; `afterMs` is what the server asked for. The reason is in words of our own: errors of `fetch` may quote headers. */
  | { readonly kind: "failed"; readonly reason: string; readonly afterMs: number | null };

const NO_ANSWER = { tooLate: failed("the server took too long"), failed: failed("there was no connection") };

/**
 * Asks a server once. Never rejects, and ends after the time-out even if `fetch` does not.
 *
 * @param read makes something of a status from 200 to 299, or 304
 * @param cancelled ends it as failed
 */
export function ask<T>(
  { url, apiKey, timeoutMs, isBrowser, fetch }: Destination,
  question: Question,
  read: (response: Response) => Promise<T>,
  cancelled?: AbortSignal,
): Promise<T | Trouble> {
  const work = async (signal: AbortSignal): Promise<T | Trouble> => {
    const response = await fetch(url, {
      ...question,
      headers: { ...question.headers, "x-rune-key": apiKey },
      // Whoever is redirected to must not get the key.
      redirect: "manual",
      signal,
      // Workers refuse some options that they do not know, so this is named only where it matters.
      ...(isBrowser ? { referrerPolicy: "no-referrer" } : {}),
    });
    const { status } = response;
    return (status >= 200 && status < 300) || status === 304 ? read(response) : troubleOf(response);
  };
  return attempt<T | Trouble>(timeoutMs, work, NO_ANSWER, cancelled);
}

function troubleOf({ status, headers }: Response): Trouble {
  if (status === 408 || status === 429 || status >= 500) {
    return failed(`the server answered ${status}`, retryAfterMs(headers.get("retry-after"), Date.now()));
  }
  if (status >= 400) return { kind: "refused", status };
  return failed(status === 0 ? "the server redirected" : `the server answered ${status}`);
}

/** The trouble of an answer that is none. */
export function failed(reason: string, afterMs: number | null = null): Trouble {
  return { kind: "failed", reason, afterMs };
}
