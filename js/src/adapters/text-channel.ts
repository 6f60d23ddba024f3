import type { ScanResult, ScanStream } from "../types.js";

/** A text of an answer on its way through a scan, piece by piece. */
export class TextChannel {
  readonly #writer: WritableStreamDefaultWriter<string>;
  readonly #result: Promise<ScanResult>;
  readonly #drained: Promise<void>;
  #out = "";
  #scan: ScanResult | null = null;

  constructor({ readable, writable, result }: ScanStream) {
    this.#writer = writable.getWriter();
    this.#result = result.then((scan) => {
      this.#scan = scan;
      return scan;
    });
    this.#drained = this.#drain(readable.getReader());
    // Why it fails, the writer is told as well.
    this.#drained.catch(() => {});
  }

  /** What the text came to; null while it goes on. */
  get scan(): ScanResult | null {
    return this.#scan;
  }

  /**
   * Takes a piece.
   *
   * @returns what can be handed on now
   * @throws {RuneError} `core_failed` when the text cannot be read any further
   */
  async push(piece: string): Promise<string> {
    await this.#unlessBlocked(this.#writer.write(piece));
    return this.#taken();
  }

  /**
   * Ends the text.
   *
   * @returns what remains to be handed on
   * @throws {RuneError} as `push`
   */
  async end(): Promise<string> {
    await this.#unlessBlocked(this.#writer.close());
    await this.#drained;
    await this.#result;
    return this.#taken();
  }

  /** A text that blocks is over for who writes it, which is no failure. */
  async #unlessBlocked(written: Promise<void>): Promise<void> {
    try {
      await written;
    } catch (error) {
      if (!(await this.#result).blocked) throw error;
    }
  }

  async #drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
    for (let part = await reader.read(); !part.done; part = await reader.read()) this.#out += part.value;
  }

  #taken(): string {
    const out = this.#out;
    this.#out = "";
    return out;
  }
}
