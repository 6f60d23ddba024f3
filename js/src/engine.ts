import {
  __wbg_reset_state,
  checkPatterns,
  initSync,
  Policies,
  readPolicyCases,
  Scanner,
  Similarity,
  Stream,
  weighFindings,
} from "../generated/scanner.js";
import { ConfigurationError, RuneError } from "./errors.js";

/** The compiled core: its bytes, or a module the runtime has compiled already. */
export type WasmSource = ArrayBuffer | ArrayBufferView | WebAssembly.Module;

/** What the core offers to one Shield. */
export interface CoreScanner {
  /** `direction` 0 input, 1 output; `sought` 0 everything, 1 threats; `undefined` when there is nothing to report. */
  scan(text: string, direction: number, sought: number): Float64Array | undefined;
  /** The same with L2 beside the patterns, or alone; its findings come last, and their pattern is negative. */
  scanSimilar(
    text: string,
    direction: number,
    sought: number,
    similarity: CoreSimilarity,
    withPatterns: boolean,
  ): Float64Array | undefined;
  /** `undefined` when the text was made so that searching it in full would take too long. */
  redact(text: string, style: number, only?: Uint32Array): string | undefined;
  /** The JSON list of patterns; its positions are the numbers the core reports. */
  patterns(): string;
}

/** A text that arrives in pieces. */
export interface CoreStream {
  /**
   * Takes a piece (`next` 0 more comes, 1 more comes behind this checkpoint, 2 it was the last); the text that is certain now, as it
   * came, `undefined` when it could not be searched in full. At a checkpoint it lets go of channels that carry data out and end
   * `undecided` units before it or sooner.
   */
  push(scanner: CoreScanner, piece: string, next: number, undecided?: number): string | undefined;
  /** What was found in it, as `scan` says it; `undefined` when nothing was. */
  findings(): Float64Array | undefined;
  /** What is to be replaced in it: pairs of start and end. */
  replaced(): Uint32Array;
  /** Forgets what is held back but for so many UTF-16 units. */
  cut(units: number): void;
  free(): void;
}

/** What L2 compares texts with: a model, and attacks that were added to it. */
export interface CoreSimilarity {
  /** Why the model cannot be used: what comes behind "the model …". */
  refusal(): string | undefined;
  /** Adds an attack of the category with this number; false if there was no room for it. */
  addExample(text: string, category: number): boolean;
}

/** What the core offers to one Shield's policies; a rule's number is its position in the table that `set` answers. */
export interface CorePolicies {
  /** The table of rules as JSON, or an object with `errors`. */
  set(names: string[], sources: string[], defaultCalls: number): string;
  /** The name of a document that is about to be `set` as JSON, or an object with `errors`. */
  prepare(source: string): string;
  /** A document's name, rules and warnings as JSON, or an object with `errors`. */
  lint(source: string): string;
  standings(agent: string | null, tags: string[], direction: number, asked: Uint32Array | null): Uint8Array;
  /** Pairs of a rule and what it wants. */
  judgeTool(speaking: Uint32Array, tool: string): Uint32Array;
  /** Three numbers for each consequence: rule counted from 1 or 0, action, category. */
  judgeFindings(speaking: Uint32Array, findings: Float64Array): Uint32Array;
  passes(rule: number, check: number, kind: number, number: number, text: string): boolean;
}

/** What `Core.run` returns instead of a value when the core trapped. */
export const TRAPPED: unique symbol = Symbol("trapped");

/** The slot: an entry point puts the wasm here, the first Shield instantiates it. */
let supply: (() => WasmSource) | undefined;
/** How many instances there have been; 0 before the first Shield. A scanner made under another one is stale. */
let generation = 0;
/** Whether the instance has trapped and could not be replaced yet. */
let isBroken = false;

/**
 * Says where the wasm comes from. Has an effect only before the first Shield is made: all Shields share one instance.
 *
 * @param wasm the wasm, or a function that returns it when the first Shield needs it
 */
export function initialize(wasm: WasmSource | (() => WasmSource)): void {
  supply = typeof wasm === "function" ? (wasm as () => WasmSource) : () => wasm;
}

/**
 * Instantiates the core unless that was done before. Synchronous, and the only expensive step there is.
 *
 * @throws {RuneError} `core_unavailable` when there is no wasm or the runtime refuses it
 */
export function start(): void {
  if (generation > 0) return;
  if (supply === undefined) {
    throw new RuneError(
      "core_unavailable",
      "no wasm to run: call `initialize(wasm)` before `new Shield()`, or import `@runesec/scanner`",
    );
  }
  try {
    initSync({ module: adopt(supply()) as BufferSource | WebAssembly.Module });
  } catch (error) {
    throw new RuneError("core_unavailable", `the runtime refused the wasm: ${reasonOf(error)}`);
  }
  generation = 1;
}

/** Browsers name `unsafe-eval` where less would do. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "unknown error";
  const isForbidden = /content.security.policy|\bCSP\b/i.test(message);
  return isForbidden ? "the page's Content-Security-Policy needs `'wasm-unsafe-eval'` in its `script-src`" : message;
}

/** Something in the core, made anew whenever the instance is. */
class Held<T> {
  readonly #make: () => T;
  #value: T | undefined;
  #generation = 0;

  constructor(make: () => T) {
    this.#make = make;
  }

  get(): T {
    if (this.#value === undefined || this.#generation !== generation) {
      this.#value = this.#make();
      this.#generation = generation;
    }
    return this.#value;
  }
}

/** One Shield's hold on the core: its scanner and its policies. */
export class Core {
  readonly #makeKey: () => Uint8Array;
  readonly #customPatterns: readonly string[];
  readonly #scanner: Held<CoreScanner>;
  readonly #policies: Held<CorePolicies>;
  #similarity: Held<CoreSimilarity> | undefined;
  #key: Uint8Array | undefined;
  /** Puts the Shield's policies into a core that was made anew. */
  restorePolicies: (policies: CorePolicies) => void = () => {};

  /**
   * @param customPatterns pattern files
   * @throws {ConfigurationError} when one of them cannot be used
   */
  constructor(makeKey: () => Uint8Array, customPatterns: readonly string[] = []) {
    this.#makeKey = makeKey;
    this.#customPatterns = customPatterns;
    this.#scanner = new Held(() => new Scanner(this.#key ?? new Uint8Array(), [...customPatterns]));
    this.#policies = new Held(() => {
      const policies = new Policies([...customPatterns]);
      this.restorePolicies(policies);
      return policies;
    });
    start();
    if (customPatterns.length > 0) this.#check();
  }

  /** Now rather than at the first scan, when nobody would expect an error. */
  #check(): void {
    const refused = guarded(() => checkPatterns([...this.#customPatterns]));
    if (refused === TRAPPED) throw new ConfigurationError("`customPatterns` could not be compiled");
    if (refused !== undefined) throw new ConfigurationError(`customPatterns${refused}`);
  }

  /**
   * Runs `work` on the core. Whatever comes out of it as an exception (a trap, an exhausted stack or memory) leaves
   * the instance in an unknown state, so a fresh one takes its place before this returns `TRAPPED`.
   */
  run<T>(work: (scanner: CoreScanner, similarity: CoreSimilarity | undefined) => T): T | typeof TRAPPED {
    // Outside the net: where randomness is forbidden, the runtime's own message says so best.
    this.#key ??= this.#makeKey();
    return guarded(() => work(this.#scanner.get(), this.#similarity?.get()));
  }

  /** A stream in the core, which is lost when the core is made anew. */
  openStream(): StreamHold {
    return new StreamHold(this);
  }

  /** The same for work on what L2 compares texts with; nothing where no model was loaded. Works where randomness is forbidden. */
  runSimilarity<T>(work: (similarity: CoreSimilarity) => T): T | undefined | typeof TRAPPED {
    return guarded(() => this.#similarity && work(this.#similarity.get()));
  }

  /**
   * Loads the model of L2, and again whenever the core was made anew.
   *
   * @param threshold from which calibrated score on a text is reported
   * @param restore puts what was added to the model into one that was made anew
   * @returns why the model cannot be used, as what comes behind "the model …"
   */
  loadSimilarity(
    model: Uint8Array,
    threshold: number,
    restore: (similarity: CoreSimilarity) => void,
  ): string | undefined | typeof TRAPPED {
    const similarity = new Held(() => {
      const made = new Similarity(model, threshold);
      restore(made);
      return made;
    });
    const refusal = guarded(() => similarity.get().refusal());
    if (refusal === undefined) this.#similarity = similarity;
    return refusal;
  }

  /** The same for work on the policies, which needs no key and so works where randomness is forbidden. */
  runPolicies<T>(work: (policies: CorePolicies) => T): T | typeof TRAPPED {
    return guarded(() => work(this.#policies.get()));
  }
}

/** One stream's hold on the core. */
export class StreamHold {
  readonly #core: Core;
  #stream: CoreStream | undefined;
  #generation = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Runs `work` on the stream; `TRAPPED` as well when the core was made anew since the first time. */
  run<T>(work: (stream: CoreStream, scanner: CoreScanner) => T): T | typeof TRAPPED {
    return this.#core.run((scanner) => {
      if (this.#stream === undefined) [this.#stream, this.#generation] = [new Stream() as CoreStream, generation];
      return this.#generation === generation ? work(this.#stream, scanner) : TRAPPED;
    });
  }

  /** Gives the memory back. */
  free(): void {
    if (this.#stream !== undefined && this.#generation === generation && !isBroken) this.#stream.free();
    this.#stream = undefined;
  }
}

/** The outcome (0 pass, 1 flag, 2 block) and the risk of findings, of which each is three numbers: category, severity, score. */
export function weigh(findings: Float64Array): Float64Array | typeof TRAPPED {
  return guarded(() => weighFindings(findings));
}

/** The cases of a policy test as JSON, or an object with `errors`. */
export function checkCases(yaml: string): string | typeof TRAPPED {
  start();
  return guarded(() => readPolicyCases(yaml));
}

function guarded<T>(work: () => T): T | typeof TRAPPED {
  try {
    if (isBroken) restart();
    return work();
  } catch {
    isBroken = true;
    tryToRestart();
    return TRAPPED;
  }
}

function restart(): void {
  __wbg_reset_state();
  generation += 1;
  isBroken = false;
}

function tryToRestart(): void {
  try {
    restart();
  } catch {
    // No room for a new instance at this moment; `isBroken` makes the next call try again.
  }
}

/** A module from another realm (edge runtimes, test sandboxes) is a module all the same, but `instanceof` denies it. */
function adopt(wasm: WasmSource): WasmSource {
  const isForeign =
    Object.prototype.toString.call(wasm) === "[object WebAssembly.Module]" && !(wasm instanceof WebAssembly.Module);
  return isForeign ? Object.setPrototypeOf(wasm, WebAssembly.Module.prototype) : wasm;
}
