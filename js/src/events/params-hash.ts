import { hmacSha256, sha256 } from "../sha256.js";
import { hex, type ParamsHash } from "./event.js";

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
 * The hash of arguments, whatever the order of their keys; null when they cannot be read as JSON (a cycle, a getter that
 * throws, more than 100,000 values).
 */
export function hashParams(key: Uint8Array, params: unknown): ParamsHash | null {
  try {
    const text = canonicalJson(params);
    if (text === undefined) return null;
    const digest = hmacSha256(key, new TextEncoder().encode(text));
    return `hmac-sha256:${hex(digest)}` as ParamsHash;
  } catch {
    return null;
  }
}

/** JSON with the keys of objects in order; `undefined` for what JSON cannot write. */
function canonicalJson(value: unknown): string | undefined {
  let values = 0;
  return JSON.stringify(value, (_, each: unknown) => {
    values += 1;
    if (values > MAX_VALUES) throw new RangeError("too many values");
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(
      Object.keys(each)
        .sort()
        .map((name) => [name, (each as Record<string, unknown>)[name]]),
    );
  }) as string | undefined;
}
