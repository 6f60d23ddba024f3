import { ConfigurationError } from "../errors.js";

/** A server that the API key goes to. */
export interface Endpoint {
  /** The option that says where it is. */
  readonly option: string;
  readonly address: string;
  /** What is asked for there. */
  readonly path: string;
}

/**
 * The URL of what is asked for.
 *
 * @param page the address of the page in a browser, else null
 * @throws {ConfigurationError} when the address is no URL, is not encrypted and leaves the machine, or when a browser would carry
 *   an API key to another origin, where everyone who visits the page could read it
 */
export function urlOf({ option, address, path }: Endpoint, apiKey: string | null, page: string | null): string {
  const url = parse(address, page);
  if (url === null) throw new ConfigurationError(`option \`${option}\` must be an \`https:\` URL`);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new ConfigurationError(`option \`${option}\` must be a URL without credentials, query and fragment`);
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw new ConfigurationError(
      `option \`${option}\` must be an \`https:\` URL; \`http:\` is allowed for this machine only`,
    );
  }
  if (apiKey !== null && page !== null && url.origin !== new URL(page).origin) {
    throw new ConfigurationError(
      `an API key in a browser can be read by everyone who visits the page: leave it out, or let \`${option}\` be of the page's own origin`,
    );
  }
  return `${url.href.replace(/\/+$/, "")}${path}`;
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
