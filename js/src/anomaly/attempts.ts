/** So many blocked calls within this time are an attempt to get through. */
const LIMIT = 5;
const WINDOW_MS = 10 * 60_000;

/** Tells when an agent goes on after it has been blocked again and again. */
export class Attempts {
  /** When the latest were blocked, oldest first. */
  readonly #blockedMs: number[] = [];

  noteBlocked(nowMs: number): void {
    this.#blockedMs.push(nowMs);
    if (this.#blockedMs.length > LIMIT) this.#blockedMs.shift();
  }

  /** Whether a call made now goes on after too many that were blocked; told once for these. */
  isRepeated(nowMs: number): boolean {
    const [oldestMs = Number.NEGATIVE_INFINITY] = this.#blockedMs;
    if (this.#blockedMs.length < LIMIT || nowMs - oldestMs > WINDOW_MS) return false;
    this.#blockedMs.length = 0;
    return true;
  }
}
