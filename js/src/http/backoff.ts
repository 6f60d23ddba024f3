/** The wait after the first failure, in milliseconds; it doubles with each further one. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A server that asks for more is not obeyed: by then the queue would be full of news. */
const LONGEST_ASKED_MS = 300_000;

/**
 * How long to wait after failures in a row, in milliseconds: half of it certain, half of it by chance, so that processes
 * that failed together do not come back together.
 *
 * @param failures 1 or more
 * @param random from 0 to 1, exclusive
 */
export function backoffMs(failures: number, random: number): number {
  const wholeMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10));
  return wholeMs / 2 + (wholeMs / 2) * random;
}

/**
 * What a `Retry-After` header asks for, in milliseconds, at most five minutes: seconds, or a date (RFC 9110). Null when it says
 * nothing that can be understood.
 *
 * @param nowEpochMs what a date is compared with
 */
export function retryAfterMs(header: string | null, nowEpochMs: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : dateOf(text) - nowEpochMs;
  return Number.isNaN(waitMs) ? null : Math.min(LONGEST_ASKED_MS, Math.max(0, waitMs));
}

/** `Date.parse` understands far too much; a date in HTTP begins with the day of the week. */
function dateOf(text: string): number {
  return /^[A-Z][a-z]+,? /.test(text) ? Date.parse(text) : Number.NaN;
}
