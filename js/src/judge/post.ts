import { RuneError } from "../errors.js";
import type { Fetch } from "../http/attempt.js";
import { textOf } from "../http/body.js";
import { malformed } from "./answer.js";

/** A server that has a model answer. */
export interface ModelServer {
  /** The whole URL. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Default: the platform's. */
  readonly fetch: Fetch | undefined;
}

/** Some servers write down all that a model thought. */
const MAX_ANSWER_BYTES = 1_048_576;

/**
 * Asks a server once.
 *
 * @returns its answer, which is JSON of any shape
 * @throws {RuneError} `judge_failed` or `judge_malformed`, in words of our own: errors of `fetch` may quote headers
 */
export async function postJson(
  { url, headers, fetch }: ModelServer,
  body: object,
  signal: AbortSignal,
): Promise<unknown> {
  const text = await exchange(fetch ?? globalThis.fetch, url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    // Whoever is redirected to must get neither the key nor the text.
    redirect: "manual",
    signal,
  });
  if (text === null) throw malformed("has no body, or one that is too long");
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("is not that of a server with a model");
  }
}

async function exchange(fetch: Fetch, url: string, init: RequestInit): Promise<string | null> {
  let status: number;
  try {
    const response = await fetch(url, init);
    if (response.ok) return await textOf(response, MAX_ANSWER_BYTES);
    status = response.status;
    await response.body?.cancel();
  } catch {
    throw failed("there was no connection to the judge's server, or it broke");
  }
  throw failed(status < 400 ? "the judge's server redirected" : `the judge's server answered ${status}`);
}

function failed(message: string): RuneError {
  return new RuneError("judge_failed", message);
}
