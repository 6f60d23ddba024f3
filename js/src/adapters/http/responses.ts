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

/** Without those that speak of a body that is no more. */
function headersOf(answered: Headers): Headers {
  const headers = new Headers(answered);
  for (const name of ["content-length", "content-encoding", "etag", "digest"]) headers.delete(name);
  return headers;
}
