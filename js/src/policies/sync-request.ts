import { textOf } from "../http/body.js";
import { ask, type Destination, failed, type Trouble } from "../http/request.js";

/** What became of one request. */
export type SyncAnswer =
  /** There is something new; `etag` is null when the server gave none that can be sent back. */
  | { readonly kind: "changed"; readonly text: string; readonly etag: string | null }
  /** What the server said last still holds. */
  | { readonly kind: "unchanged" }
  | Trouble;

/** A policy may have 256 kB. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** RFC 9110, and no longer than servers accept. */
const ETAG = /^(W\/)?"[\x21\x23-\x7e]{0,1000}"$/;

/**
 * Asks for the policies once. Never rejects, and ends after the time-out even if `fetch` does not.
 *
 * @param etag of what the server said last
 */
export function requestPolicies(
  destination: Destination,
  etag: string | null,
  cancelled: AbortSignal,
): Promise<SyncAnswer> {
  const headers = { accept: "application/json", ...(etag === null ? {} : { "if-none-match": etag }) };
  const read = async (response: Response): Promise<SyncAnswer> => {
    if (response.status === 304) return etag === null ? failed("the server answered 304") : { kind: "unchanged" };
    const text = await textOf(response, MAX_ANSWER_BYTES);
    if (text === null) return failed("the answer was empty or too large");
    const given = response.headers.get("etag");
    return { kind: "changed", text, etag: given !== null && ETAG.test(given) ? given : null };
  };
  return ask(destination, { method: "GET", headers }, read, cancelled);
}
