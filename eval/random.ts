/** A source of numbers in `[0, 1)` that gives the same ones every time for the same seed (mulberry32). */
export type Random = () => number;

/** Starts a source of random numbers. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number that depends on every character of a text (FNV-1a), to seed a source with. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

/** One of the choices. */
export function pick<T>(random: Random, choices: readonly T[]): T {
  const chosen = choices[Math.floor(random() * choices.length)];
  if (chosen === undefined) throw new RangeError("nothing to pick from");
  return chosen;
}

/** At most `size` of the items, drawn without replacement and left in their order. */
export function sample<T>(random: Random, items: readonly T[], size: number): T[] {
  let needed = Math.min(size, items.length);
  let left = items.length;
  return items.filter(() => {
    const isTaken = random() * left < needed;
    left -= 1;
    if (isTaken) needed -= 1;
    return isTaken;
  });
}
