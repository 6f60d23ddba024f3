const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

/**
 * Random letters and digits, five bits each, that nobody can guess.
 *
 * @param without a text in which they must not occur, so that they mark what is ours in it
 */
export function nonce(length: number, without = ""): string {
  for (;;) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    const drawn = Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
    if (!without.includes(drawn)) return drawn;
  }
}
