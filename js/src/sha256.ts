/** SHA-256 (FIPS 180-4). The platform's own is asynchronous, and a Shield is not. */
export function sha256(message: Uint8Array): Uint8Array {
  constants ??= makeConstants();
  return finish(constants.start.slice(), message, 0);
}

/**
 * HMAC-SHA256 (RFC 2104): a hash that only who has the key can make, or compare with guesses.
 *
 * @returns the function that hashes messages under this key; the key itself is worked in once
 */
export function hmacSha256(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const begin = (pad: number): Int32Array => {
    constants ??= makeConstants();
    const state = constants.start.slice();
    compress(state, constants.rounds, new DataView(block.map((byte) => byte ^ pad).buffer), 0);
    return state;
  };
  const [inner, outer] = [begin(0x36), begin(0x5c)];
  return (message) => finish(outer.slice(), finish(inner.slice(), message, 64), 64);
}

/** Takes in the rest of a message of which `doneBytes`, whole blocks, are in the state already. */
function finish(state: Int32Array, rest: Uint8Array, doneBytes: number): Uint8Array {
  const padded = new Uint8Array((((rest.length + 8) >> 6) << 6) + 64);
  padded.set(rest);
  padded[rest.length] = 0x80;
  const words = new DataView(padded.buffer);
  const length = doneBytes + rest.length;
  words.setUint32(padded.length - 8, Math.floor(length / 0x2000_0000));
  words.setUint32(padded.length - 4, length << 3);
  constants ??= makeConstants();
  const { rounds } = constants;
  for (let block = 0; block < padded.length; block += 64) compress(state, rounds, words, block);
  for (let index = 0; index < 8; index++) words.setInt32(index * 4, state[index] ?? 0);
  return padded.slice(0, 32);
}

/** Made when they are first needed. */
let constants: { readonly start: Int32Array; readonly rounds: Int32Array } | undefined;

/** The first 32 bits of the fractional parts of the roots of the first primes, as the standard defines them. */
function makeConstants(): { start: Int32Array; rounds: Int32Array } {
  const start = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));
  return { start, rounds: Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime))) };
}

/** One at a time is worked on. */
const w: Int32Array = new Int32Array(64);

function compress(state: Int32Array, rounds: Int32Array, words: DataView, block: number): void {
  for (let t = 0; t < 16; t++) w[t] = words.getInt32(block + t * 4);
  for (let t = 16; t < 64; t++) {
    const w15 = w[t - 15] ?? 0;
    const w2 = w[t - 2] ?? 0;
    const s0 = turn(w15, 7) ^ turn(w15, 18) ^ (w15 >>> 3);
    const s1 = turn(w2, 17) ^ turn(w2, 19) ^ (w2 >>> 10);
    w[t] = ((w[t - 16] ?? 0) + (w[t - 7] ?? 0) + s0 + s1) | 0;
  }
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  let f = state[5] ?? 0;
  let g = state[6] ?? 0;
  let h = state[7] ?? 0;
  for (let t = 0; t < 64; t++) {
    const choice = (e & f) ^ (~e & g);
    const mixed = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + (rounds[t] ?? 0) + (w[t] ?? 0)) | 0;
    const majority = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + mixed) | 0;
    d = c;
    c = b;
    b = a;
    a = (mixed + majority) | 0;
  }
  // Assigning to an `Int32Array` keeps the lowest 32 bits.
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
  state[4] = (state[4] ?? 0) + e;
  state[5] = (state[5] ?? 0) + f;
  state[6] = (state[6] ?? 0) + g;
  state[7] = (state[7] ?? 0) + h;
}

function turn(word: number, bits: number): number {
  return (word << (32 - bits)) | (word >>> bits);
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
