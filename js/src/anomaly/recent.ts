/** A map that keeps what was used last. */
export class Recent<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #limit: number;
  readonly #make: () => Value;

  /** @param limit entries; the one that was not used for longest goes first */
  constructor(limit: number, make: () => Value) {
    this.#limit = limit;
    this.#make = make;
  }

  /** The value of a key, made if there is none. */
  get(key: string): Value {
    const value = this.#entries.get(key) ?? this.#make();
    // Put behind all others, so that the first is always the oldest.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value ?? "");
    return value;
  }
}
