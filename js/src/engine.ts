import { __wbg_reset_state, checkPatterns, initSync, Scanner } from "../generated/scanner.js";
import { ConfigurationError, RuneError } from "./errors.js";

/** The compiled core: its bytes, or a module the runtime has compiled already. */
export type WasmSource = ArrayBuffer | ArrayBufferView | WebAssembly.Module;

/** What the core offers to one Shield. */
export interface CoreScanner {
  /** `direction` 0 input, 1 output; `undefined` when there is nothing to report. */
  scan(text: string, direction: number): Float64Array | undefined;
  /** `undefined` when the text was made so that searching it in full would take too long. */
  redact(text: string, style: number, only?: Uint32Array): string | undefined;
  /** The JSON list of patterns; its positions are the numbers the core reports. */
  patterns(): string;
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
    throw new RuneError(
      "core_unavailable",
      `the runtime refused the wasm: ${error instanceof Error ? error.message : "unknown error"}`,
    );
  }
  generation = 1;
}

/** One Shield's hold on the core: its scanner, made anew whenever the instance is. */
export class Core {
  readonly #makeKey: () => Uint8Array;
  readonly #customPatterns: readonly string[];
  #key: Uint8Array | undefined;
  #scanner: CoreScanner | undefined;
  #generation = 0;

  /**
   * @param customPatterns pattern files
   * @throws {ConfigurationError} when one of them cannot be used
   */
  constructor(makeKey: () => Uint8Array, customPatterns: readonly string[] = []) {
    this.#makeKey = makeKey;
    this.#customPatterns = customPatterns;
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
  run<T>(work: (scanner: CoreScanner) => T): T | typeof TRAPPED {
    // Outside the net: where randomness is forbidden, the runtime's own message says so best.
    this.#key ??= this.#makeKey();
    const key = this.#key;
    return guarded(() => {
      if (this.#scanner === undefined || this.#generation !== generation) {
        this.#scanner = new Scanner(key, [...this.#customPatterns]);
        this.#generation = generation;
      }
      return work(this.#scanner);
    });
  }
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
