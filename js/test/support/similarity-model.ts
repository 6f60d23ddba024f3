// Small models for tests, as `src/similarity/builder.rs` makes them: some words are those of attacks, and their share in a
// window is its score.

const ROWS = 4096;
const PARTS = 8;
const [DIMENSIONS, TILE] = [64, 16];
/** Numbers in a part. */
const LENGTH = DIMENSIONS / PARTS;
/** One and sixteen in sixteen bits; the latter so that a single word is enough to go by. */
const [ONE, LONG] = [0x3c00, 0x4c00];
/** Bytes in front of what the checksum is of. */
export const HEADER_BYTES = 24;
/** From raw to calibrated scores. */
const CALIBRATION = [-1, 0, 0.6, 0.7, 0.8, 0.85, 1, 1];

/** A model for which these words, of ASCII letters, make an attack. */
export function similarityModel(attackWords: string): Uint8Array {
  const codes = new Uint8Array((ROWS + 3) * PARTS);
  for (let row = 0; row < ROWS; row++) codes[row * PARTS + 1] = 1;
  for (const word of attackWords.toLowerCase().split(/\W+/)) {
    codes.set([1, 0], (hash(word) % ROWS) * PARTS);
  }
  const bank = new Uint8Array(DIMENSIONS + TILE);
  bank[LENGTH] = bank[DIMENSIONS + LENGTH] = 90;
  return sealed(4, 4, [
    new Uint8Array(32),
    new Uint8Array(Uint32Array.of(ROWS, 1, 1, 1).buffer),
    new Uint8Array(Uint16Array.of(DIMENSIONS, TILE, TILE, TILE, CALIBRATION.length / 2, 1).buffer),
    new Uint8Array(Float32Array.of(16).buffer),
    halves(256 * DIMENSIONS, (at) => at % (256 * LENGTH) === LENGTH, LONG),
    codes,
    halves(DIMENSIONS * DIMENSIONS, isDiagonal, LONG),
    halves(2 * DIMENSIONS * TILE, () => false),
    halves(TILE * DIMENSIONS, isDiagonal),
    halves(TILE * DIMENSIONS, (at) => at % DIMENSIONS === 0),
    new Uint8Array(Float32Array.from(CALIBRATION).buffer),
    bank,
  ]);
}

/** A file with this body: its length and its checksum are right. */
export function sealed(format: number, version: number, body: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(body);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("RUNESIM\0", "latin1");
  header.writeUInt16LE(format, 8);
  header.writeUInt16LE(version, 10);
  header.writeUInt32LE(HEADER_BYTES + bytes.length, 12);
  header.writeBigUInt64LE(fnv1a64(bytes), 16);
  return new Uint8Array(Buffer.concat([header, bytes]));
}

function isDiagonal(at: number): boolean {
  return Math.floor(at / DIMENSIONS) === at % DIMENSIONS;
}

function halves(count: number, isSet: (at: number) => boolean, number = ONE): Uint8Array {
  return new Uint8Array(Uint16Array.from({ length: count }, (_, at) => (isSet(at) ? number : 0)).buffer);
}

function fnv1a64(bytes: Uint8Array): bigint {
  // In halves of 32 bits: a BigInt for each byte takes seconds.
  let [high, low] = [0xcbf29ce4, 0x84222325];
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

/** The hash of a word in `src/similarity/features.rs`. */
function hash(word: string): number {
  let state = 0x811c9dc5;
  for (const letter of word) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
