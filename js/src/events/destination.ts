import { ConfigurationError } from "../errors.js";

/** What says where events go. */
export interface DestinationOptions {
  readonly apiKey: string | null;
  readonly eventsEndpoint: string;
}

/**
 * The URL that events are sent to.
 *
 * @param page the address of the page in a browser, else null
 * @throws {ConfigurationError} when the endpoint is no URL, is not encrypted and leaves the machine, or when a browser would carry
 *   an API key to another origin, where everyone who visits the page could read it
 */
export function eventsUrl({ apiKey, eventsEndpoint }: DestinationOptions, page: string | null): string {
  const endpoint = parse(eventsEndpoint, page);
  if (endpoint === null) throw new ConfigurationError("option `eventsEndpoint` must be an `https:` URL");
  if (endpoint.username !== "" || endpoint.password !== "" || endpoint.search !== "" || endpoint.hash !== "") {
    throw new ConfigurationError("option `eventsEndpoint` must be a URL without credentials, query and fragment");
  }
  if (endpoint.protocol !== "https:" && !(endpoint.protocol === "http:" && isLoopback(endpoint.hostname))) {
    throw new ConfigurationError(
      "option `eventsEndpoint` must be an `https:` URL; `http:` is allowed for this machine only",
    );
  }
  if (apiKey !== null && page !== null && endpoint.origin !== new URL(page).origin) {
    throw new ConfigurationError(
      "an API key in a browser can be read by everyone who visits the page: leave it out, or let `eventsEndpoint` be of the page's own origin",
    );
  }
  return `${endpoint.href.replace(/\/+$/, "")}/v1/events`;
}

function parse(text: string, page: string | null): URL | null {
  try {
    return new URL(text, page ?? undefined);
  } catch {
    return null;
  }
}

/** `URL` has normalised the name: all ways to write 127.0.0.1 look alike. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** Refuses a key that no header can carry, which would fail at each request and might be quoted when it does. */
export function checkApiKey(apiKey: string): void {
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new ConfigurationError("option `apiKey` must consist of printable ASCII characters, without blanks");
  }
}
