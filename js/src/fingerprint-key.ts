import { hex } from "./bytes.js";
import { hmacSha256, sha256 } from "./sha256.js";

/** The core takes exactly this many bytes. */
const KEY_BYTES = 16;

/**
 * The key under which matched windows are hashed.
 *
 * Without an API key it is random for each Shield, so fingerprints compare within one Shield only. With one it is
 * derived from it, so equal windows have equal fingerprints wherever the organisation runs. Drawing random values is
 * forbidden while a Worker's modules load, so nobody may call this before the first scan.
 */
export function fingerprintKey(apiKey: string | null): Uint8Array {
  if (apiKey === null) return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return sha256(new TextEncoder().encode(`runesec fingerprint v1\n${apiKey}`)).slice(0, KEY_BYTES);
}

/** Makes a function that hashes a text as a whole under the key, which is asked for at the first text: 16 hexadecimal digits. */
export function textFingerprint(key: () => Uint8Array): (text: string) => string {
  let hmac: ((message: Uint8Array) => Uint8Array) | undefined;
  return (text) => {
    hmac ??= hmacSha256(key());
    return hex(hmac(new TextEncoder().encode(text)).subarray(0, 8));
  };
}
