import { bytesOf } from "../bytes.js";
import { CATEGORIES } from "../catalog.js";
import { type Core, type CoreSimilarity, TRAPPED } from "../engine.js";
import { ConfigurationError, L2UnavailableError } from "../errors.js";
import { kindOf } from "../expectation.js";
import type { L2Options } from "../options.js";
import type { Category } from "../types.js";

/** Why L2 took no part in a scan. */
export type L2Cause = "l2_loading" | "l2_unavailable";

/** An attack to be found from now on. */
interface Example {
  readonly text: string;
  readonly type: Category;
}

const FULL = "there are too many attack examples: 1000 stretches of 32 words are the most";

/** L2 of one Shield: its model, as soon as it is there, and the attacks that were added to it. */
export class L2 {
  /** From which score on a finding blocks, 0–1. */
  readonly blockThreshold: number;
  readonly #core: Core;
  readonly #flagThreshold: number;
  readonly #warn: (cause: L2Cause, message: string) => void;
  readonly #examples: Example[] = [];
  readonly #settled: Promise<void>;
  #cause: L2Cause | null = null;

  /**
   * @throws {L2UnavailableError} when the model is there and cannot be used
   */
  constructor(
    core: Core,
    { model, blockThreshold, flagThreshold }: L2Options,
    warn: (cause: L2Cause, message: string) => void,
  ) {
    this.blockThreshold = blockThreshold;
    this.#core = core;
    this.#flagThreshold = flagThreshold;
    this.#warn = warn;
    const bytes = bytesOf(model);
    if (bytes !== null) {
      const refusal = this.#load(bytes);
      if (refusal !== null) throw new L2UnavailableError(refusal);
      this.#settled = Promise.resolve();
    } else {
      this.#cause = "l2_loading";
      this.#settled = this.#await(model as PromiseLike<unknown>);
    }
  }

  /** Why it takes no part in scans at the moment; null when it does. */
  get cause(): L2Cause | null {
    return this.#cause;
  }

  /** Resolves when the model has arrived, or will not. */
  ready(): Promise<void> {
    return this.#settled;
  }

  /**
   * Adds attacks that are to be found from now on.
   *
   * @throws {ConfigurationError} when there are too many; those before the first that did not fit were added
   * @throws {L2UnavailableError} when there is no model to add them to
   */
  addExamples(texts: readonly string[], type: Category): void {
    if (this.#cause === "l2_unavailable") throw new L2UnavailableError("`l2Model` could not be loaded");
    for (const text of texts) {
      const added = this.#core.runSimilarity((similarity) => addTo(similarity, { text, type }));
      if (added === TRAPPED) throw new L2UnavailableError("the core failed on an attack example");
      if (added === false) throw new ConfigurationError(FULL);
      this.#examples.push({ text, type });
    }
  }

  async #await(model: PromiseLike<unknown>): Promise<void> {
    const refusal = await this.#arrival(model);
    this.#cause = refusal === null ? null : "l2_unavailable";
    if (refusal !== null) this.#warn("l2_unavailable", `L2 scanner not available: ${refusal}`);
  }

  /** Waits for the model and loads it; says why that failed. */
  async #arrival(model: PromiseLike<unknown>): Promise<string | null> {
    try {
      const arrived = await model;
      const bytes = bytesOf(arrived);
      return bytes === null ? `\`l2Model\` became ${kindOf(arrived)}, not bytes` : this.#load(bytes);
    } catch (error) {
      return `\`l2Model\` did not arrive: ${error instanceof Error ? error.message : "it was rejected"}`;
    }
  }

  #load(bytes: Uint8Array): string | null {
    // A copy, since it is needed again after a trap and its owner may hand the bytes on.
    const refusal = this.#core.loadSimilarity(bytes.slice(), this.#flagThreshold, (similarity) => {
      for (const example of this.#examples) addTo(similarity, example);
    });
    if (refusal === TRAPPED) return "the core failed to read `l2Model`";
    return refusal === undefined ? null : `\`l2Model\` ${refusal}`;
  }
}

function addTo(similarity: CoreSimilarity, { text, type }: Example): boolean {
  return similarity.addExample(text, CATEGORIES.indexOf(type));
}
