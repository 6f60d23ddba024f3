/** SHA-256 (FIPS 180-4). The platform's own is asynchronous, and a Shield is not. Meant for short inputs. */
export function sha256(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array((((message.length + 8) >> 6) << 6) + 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const words = new DataView(padded.buffer);
  words.setUint32(padded.length - 8, Math.floor(message.length / 0x2000_0000));
  words.setUint32(padded.length - 4, message.length << 3);

  // The first 32 bits of the fractional parts of the roots of the first primes, as the standard defines them.
  const state = Uint32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));
  const rounds = Uint32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));
  for (let block = 0; block < padded.length; block += 64) compress(state, rounds, words, block);

  const digest = new DataView(new ArrayBuffer(32));
  for (const [index, word] of state.entries()) digest.setUint32(index * 4, word);
  return new Uint8Array(digest.buffer);
}

function compress(state: Uint32Array, rounds: Uint32Array, words: DataView, block: number): void {
  const w = new Uint32Array(64);
  for (let t = 0; t < 64; t++) {
    const w15 = w[t - 15] ?? 0;
    const w2 = w[t - 2] ?? 0;
    w[t] =
      t < 16
        ? words.getUint32(block + t * 4)
        : (w[t - 16] ?? 0) +
          (w[t - 7] ?? 0) +
          (turn(w15, 7) ^ turn(w15, 18) ^ (w15 >>> 3)) +
          (turn(w2, 17) ^ turn(w2, 19) ^ (w2 >>> 10));
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t++) {
    const mixed = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + (rounds[t] ?? 0) + (w[t] ?? 0);
    const majority = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + mixed) | 0, c, b, a, (mixed + majority) | 0];
  }
  for (const [index, value] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] ?? 0) + value;
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++) {
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  }
  return found;
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 0x1_0000_0000);
}
