import type { Denial } from "../../types.js";

const TITLES = { 400: "Bad Request", 413: "Content Too Large", 415: "Unsupported Media Type" } as const;

/** Says what is wrong with a request (RFC 9457). */
export function problem(status: keyof typeof TITLES, detail: string): Response {
  const body = { type: "about:blank", title: TITLES[status], status, detail };
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/problem+json" } });
}

/** Says why a request was blocked, or its answer, whose headers are kept then. */
export function denied(denial: Denial, answered: Headers = new Headers()): Response {
  const headers = headersOf(answered);
  headers.set("content-type", "application/json");
  return new Response(JSON.stringify(denial), { status: 403, headers });
}

/** A response with another body. */
export function withBody(response: Response, body: BodyInit): Response {
  const { status, statusText } = response;
  return new Response(body, { status, statusText, headers: headersOf(response.headers) });
}

/** A response with another stream for a body, encoded as it was or decoded as it was: which, its headers do not say. */
export function withStream(response: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, statusText } = response;
  return new Response(body, { status, statusText, headers: without(BODY_HEADERS, response.headers) });
}

const BODY_HEADERS = ["content-length", "content-digest", "content-md5", "digest", "etag", "repr-digest"];

/** Without those that speak of a body that is no more. */
function headersOf(answered: Headers): Headers {
  return without([...BODY_HEADERS, "content-encoding"], answered);
}

function without(names: readonly string[], answered: Headers): Headers {
  const headers = new Headers(answered);
  for (const name of names) headers.delete(name);
  return headers;
}
