import { Spread } from "./spread.js";

/** Tools that are told apart for one agent. Beyond that nothing is new any more. */
const MAX_TOOLS = 256;
/** Calls before any tool is new. */
const LEARNING_CALLS = 200;
/** A new tool is told when the chance that the next call is of one was below this. */
const MAX_CHANCE = 1 / 200;
/** Calls of one tool before the size of its arguments can be unusual. */
const LEARNING_SIZES = 30;
/** How many times its usual size, and how many deviations above it (both on a logarithmic scale), arguments must be. */
const MIN_RATIO = Math.log(8);
const MIN_DEVIATIONS = 5;
/** Characters; smaller arguments are never unusual. */
const MIN_SIZE = 1_000;

/** What is unusual about a call's tool or its arguments. */
export interface Unusual {
  readonly isNewTool: boolean;
  readonly isLarge: boolean;
}

/** Which tools an agent uses, and with how large arguments. */
export class Tools {
  /** By tool, the logarithm of its arguments' size. */
  readonly #sizes = new Map<string, Spread>();
  #calls = 0;
  /** Tools that were called once. */
  #singles = 0;

  /** @param size of the arguments in characters; null when they were not read */
  add(tool: string, size: number | null): Unusual {
    const known = this.#sizes.get(tool);
    const isNewTool = known === undefined && this.#isSettled();
    const isLarge = known !== undefined && size !== null && isOutlier(known, size);
    this.#calls += 1;
    if (known === undefined) {
      if (this.#sizes.size >= MAX_TOOLS) return { isNewTool, isLarge };
      this.#singles += 1;
      this.#sizes.set(tool, spreadOf(size));
    } else {
      if (known.count === 1) this.#singles -= 1;
      known.add(Math.log1p(size ?? 0));
    }
    return { isNewTool, isLarge };
  }

  /** By Good and Turing (1953), the share of calls whose tool was called once is the chance that the next one is of a new tool. */
  #isSettled(): boolean {
    const chance = (this.#singles + 1) / this.#calls;
    return this.#calls >= LEARNING_CALLS && chance <= MAX_CHANCE && this.#sizes.size < MAX_TOOLS;
  }
}

function spreadOf(size: number | null): Spread {
  const spread = new Spread();
  spread.add(Math.log1p(size ?? 0));
  return spread;
}

function isOutlier({ count, mean, deviation }: Spread, size: number): boolean {
  if (count < LEARNING_SIZES || size < MIN_SIZE) return false;
  return Math.log1p(size) - mean >= Math.max(MIN_RATIO, deviation * MIN_DEVIATIONS);
}
