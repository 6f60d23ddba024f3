import { joined } from "../bytes.js";
import { L2UnavailableError } from "../errors.js";

/** What is used of Node's file system. */
interface FileSystem {
  readFileSync(path: URL): Uint8Array;
}

interface Scope {
  readonly process?: { readonly getBuiltinModule?: (name: string) => unknown };
}

/** How a model is fetched. */
export interface FetchL2ModelOptions {
  /** Called after each piece that arrives; `totalBytes` is null where the server does not say it. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number | null) => void) | undefined;
  /** Called instead of the global `fetch`. */
  readonly fetch?: ((url: string | URL) => Promise<Response>) | undefined;
}

/**
 * The model at an address: its bytes where there is a file system that has it, else a promise that fetches it when somebody first
 * waits for it.
 *
 * @throws {L2UnavailableError} when the file cannot be read
 */
export function modelAt(url: URL, scope: Scope = globalThis as Scope): Uint8Array | PromiseLike<Uint8Array> {
  if (url.protocol !== "file:") return new FetchedModel(() => fetchL2Model(url));
  // Not imported, since bundlers for browsers would fail on it; nor asked for in vain, on which Next's edge runtime fails.
  const fileSystem = scope.process?.getBuiltinModule?.("node:fs") as FileSystem | undefined;
  if (fileSystem === undefined) return new FetchedModel(() => fetchL2Model(url));
  try {
    return fileSystem.readFileSync(url);
  } catch (error) {
    const { code = "unknown error" } = error as { code?: string };
    throw new L2UnavailableError(
      `${url.pathname} cannot be read (${code}); copy \`@runesec/scanner/similarity.bin\` there, or keep the package out of the bundle`,
    );
  }
}

/**
 * Fetches a model, for those who keep it at a place of their own.
 *
 * @throws {Error} (as a rejection) when the server has none
 */
export async function fetchL2Model(url: string | URL, options: FetchL2ModelOptions = {}): Promise<Uint8Array> {
  const { onProgress = () => {}, fetch = globalThis.fetch } = options;
  const response = await fetch(url);
  if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
  // What is transferred may be compressed; then its length is not that of the model.
  const length = response.headers.has("content-encoding") ? null : response.headers.get("content-length");
  const totalBytes = length === null ? null : Number(length);
  const reader = response.body.getReader();
  const pieces: Uint8Array[] = [];
  let loadedBytes = 0;
  for (let piece = await reader.read(); piece.value !== undefined; piece = await reader.read()) {
    pieces.push(piece.value);
    loadedBytes += piece.value.length;
    onProgress(loadedBytes, totalBytes);
  }
  return joined(pieces, loadedBytes);
}

/** Fetches when somebody first waits, and again after it failed. */
class FetchedModel implements PromiseLike<Uint8Array> {
  readonly #fetch: () => Promise<Uint8Array>;
  #arrival: Promise<Uint8Array> | undefined;

  constructor(fetch: () => Promise<Uint8Array>) {
    this.#fetch = fetch;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise that nobody pays for who does not use it
  then<A = Uint8Array, B = never>(
    onArrival?: ((model: Uint8Array) => A | PromiseLike<A>) | null,
    onFailure?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#arrival ??= this.#fetch().catch((error: unknown) => {
      this.#arrival = undefined;
      throw error;
    });
    return this.#arrival.then(onArrival, onFailure);
  }
}
