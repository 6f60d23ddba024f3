import { textOf } from "../http/body.js";
import { ask, type Destination, failed, type Trouble } from "../http/request.js";

/** What became of one request. */
export type Answer =
  /** The server has taken this many of the events. */
  { readonly kind: "accepted"; readonly count: number } | Trouble;

/** More than any answer needs; what is longer is no answer of ours. */
const MAX_ANSWER_BYTES = 16_384;

/**
 * Sends events once. Never rejects, and ends after the time-out even if `fetch` does not.
 *
 * @param body the JSON text of the request
 * @param keepalive whether the request may outlive the page; its body must be shorter than 64 KiB then
 */
export function send(destination: Destination, body: string, keepalive: boolean): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  // Workers refuse some options that they do not know, so this is named only where it matters.
  const question = { method: "POST", headers, body, ...(keepalive ? ({ keepalive } as const) : {}) } as const;
  return ask(destination, question, async (response) => accepted(await textOf(response, MAX_ANSWER_BYTES)));
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
