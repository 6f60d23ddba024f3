/** How fast what lies back is forgotten: each value counts a fiftieth of what is known. */
const SHARE = 1 / 50;

/** Around which value a quantity lies and how far it strays, both forgetting slowly (an exponentially weighted mean and variance). */
export class Spread {
  /** Values that were taken in. */
  count = 0;
  mean = 0;
  #variance = 0;

  /** The root of the mean square of how far values stray. */
  get deviation(): number {
    return Math.sqrt(this.#variance);
  }

  add(value: number): void {
    this.count += 1;
    // The first values count as much as each other.
    const share = Math.max(1 / this.count, SHARE);
    const step = value - this.mean;
    this.mean += share * step;
    this.#variance = (1 - share) * (this.#variance + share * step * step);
  }
}
