import { hex } from "../bytes.js";
import { sha256 } from "../sha256.js";

/**
 * The SHA-256 of a key, 64 hexadecimal digits: it bounds the length, and no id stands in a store in the clear. Whoever can
 * guess an id can still recognise it.
 *
 * Different keys have different digests, also those with lone surrogates, which UTF-8 would make equal: JSON escapes them.
 */
export function keyDigest(key: string): string {
  return hex(sha256(new TextEncoder().encode(JSON.stringify(key))));
}
