import { equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { checkApiKey, urlOf } from "./destination.js";

function told(address: string, page: string | null = null, apiKey: string | null = "key"): string {
  try {
    return urlOf({ option: "eventsEndpoint", address, path: "/v1/events" }, apiKey, page);
  } catch (error) {
    return (error as Error).message;
  }
}

const NOT_ENCRYPTED = "option `eventsEndpoint` must be an `https:` URL; `http:` is allowed for this machine only";
const NOT_BARE = "option `eventsEndpoint` must be a URL without credentials, query and fragment";
const IN_A_PAGE =
  "an API key in a browser can be read by everyone who visits the page: leave it out, or let `eventsEndpoint` be of the page's own origin";

test("events go encrypted or nowhere, but for this machine", () => {
  for (const [endpoint, url] of [
    ["https://events.runesec.dev", "https://events.runesec.dev/v1/events"],
    ["https://proxy.example/rune//", "https://proxy.example/rune/v1/events"],
    ["http://localhost:8080", "http://localhost:8080/v1/events"],
    ["http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1/events"],
    ["http://2130706433", "http://127.0.0.1/v1/events"],
    ["http://[::1]:1", "http://[::1]:1/v1/events"],
    ["http://events.runesec.dev", NOT_ENCRYPTED],
    ["http://localhost.evil.example", NOT_ENCRYPTED],
    ["http://127.0.0.1.evil.example", NOT_ENCRYPTED],
    ["ftp://events.runesec.dev", NOT_ENCRYPTED],
    ["file:///tmp", NOT_ENCRYPTED],
    ["events.runesec.dev", "option `eventsEndpoint` must be an `https:` URL"],
    ["https://user:secret@events.runesec.dev", NOT_BARE],
    ["https://events.runesec.dev?key=secret", NOT_BARE],
  ] as const) {
    equal(told(endpoint), url, endpoint);
  }
});

test("a page sends its key to its own origin only", () => {
  const page = "https://shop.example/cart?id=1";
  equal(told("https://shop.example/rune", page), "https://shop.example/rune/v1/events");
  equal(told("/rune", page), "https://shop.example/rune/v1/events");
  equal(told("https://events.runesec.dev", page), IN_A_PAGE);
  equal(told("https://shop.example:444", page), IN_A_PAGE);
  equal(told("https://events.runesec.dev", page, null), "https://events.runesec.dev/v1/events");
});

test("a key that no header can carry is refused without being shown", () => {
  checkApiKey("rune_live_0123456789");
  for (const key of ["rune live", "rune\n", "rüne"]) {
    throws(() => checkApiKey(key), {
      message: "option `apiKey` must consist of printable ASCII characters, without blanks",
    });
  }
});
