import { hex } from "../bytes.js";
import { hmacSha256, sha256 } from "../sha256.js";
import type { ParamsHash } from "./event.js";

/** How many values are read; a shared object counts each time it is met, so that a small knot cannot cost for ever. */
const MAX_VALUES = 100_000;

/**
 * The key under which arguments are hashed, since those that are easily guessed are guessable under a plain hash.
 *
 * Derived from the API key, so that equal arguments are equal in all processes of an organisation; without one it is random.
 * Drawing random values is forbidden while a Worker's modules load, so nobody may call this before the first call.
 */
export function paramsKey(apiKey: string | null): Uint8Array {
  if (apiKey === null) return crypto.getRandomValues(new Uint8Array(32));
  return sha256(new TextEncoder().encode(`runesec params v1\n${apiKey}`));
}

/**
 * Makes the function that hashes arguments under a key, whatever the order of their members. It answers null for those that
 * cannot be read as JSON (a cycle, a getter that throws, more than 100,000 values).
 */
export function paramsHasher(key: Uint8Array): (params: unknown) => ParamsHash | null {
  const hmac = hmacSha256(key);
  const encoder = new TextEncoder();
  return (params) => {
    try {
      const text = canonicalJson(params);
      return text === undefined ? null : (`hmac-sha256:${hex(hmac(encoder.encode(text)))}` as ParamsHash);
    } catch {
      return null;
    }
  };
}

/** JSON with the members of objects in the order of their names; `undefined` for what JSON cannot write. */
function canonicalJson(root: unknown): string | undefined {
  let values = 0;
  const write = (given: unknown, name: string): string | undefined => {
    values += 1;
    if (values > MAX_VALUES) throw new RangeError("too many values");
    if (typeof given !== "object" || given === null) return JSON.stringify(given) as string | undefined;
    const { toJSON } = given as { toJSON?: unknown };
    const value: unknown = typeof toJSON === "function" ? toJSON.call(given, name) : given;
    if (typeof value !== "object" || value === null) return JSON.stringify(value) as string | undefined;
    if (Array.isArray(value)) return `[${value.map((each, index) => write(each, String(index)) ?? "null").join(",")}]`;
    if (value instanceof String || value instanceof Number || value instanceof Boolean) return JSON.stringify(value);
    let members = "";
    for (const key of Object.keys(value).sort()) {
      const member = write((value as Record<string, unknown>)[key], key);
      if (member !== undefined) members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${member}`;
    }
    return `{${members}}`;
  };
  return write(root, "");
}
