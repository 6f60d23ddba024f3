import { joined } from "../../../bytes.js";
import { RuneError } from "../../../errors.js";

const LF = 10;
const CR = 13;

/** An event of a stream of server-sent events. */
export interface SseEvent {
  /** As it came, with the blank line behind it. */
  readonly raw: Uint8Array<ArrayBuffer>;
  /** Null when it has none. */
  readonly data: string | null;
  /** Null when it has none. */
  readonly name: string | null;
  /** The other lines that have a meaning (`id`, `retry`), as they came. */
  readonly otherLines: string;
}

/** Finds the events in bytes that may be cut anywhere. */
export class SseParser {
  readonly #maxBytes: number;
  /** The event that has begun. */
  #pieces: Uint8Array[] = [];
  #length = 0;
  #isLineEmpty = true;
  #isAfterCr = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The events that end in these bytes.
   *
   * @throws {RuneError} `event_too_long` when one has more bytes than it may have
   */
  *push(bytes: Uint8Array): Generator<SseEvent, undefined> {
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      // The second half of the end of a line, which may be in the next chunk or even belong to the next event.
      const isSecondHalf = byte === LF && this.#isAfterCr;
      this.#isAfterCr = byte === CR;
      if (isSecondHalf) continue;
      const isLineEnd = byte === LF || byte === CR;
      if (isLineEnd && this.#isLineEmpty) {
        const end = byte === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
        this.#keep(bytes.slice(start, end));
        start = end;
        yield this.#taken();
      }
      this.#isLineEmpty = isLineEnd;
    }
    // The source may use its bytes again.
    this.#keep(bytes.slice(start));
  }

  /** What is left when all has come; null when nothing is. */
  end(): SseEvent | null {
    return this.#length === 0 ? null : this.#taken();
  }

  #keep(piece: Uint8Array): void {
    this.#length += piece.length;
    if (this.#length > this.#maxBytes)
      throw new RuneError("event_too_long", `an event of the answer has more than ${this.#maxBytes} bytes`);
    this.#pieces.push(piece);
  }

  #taken(): SseEvent {
    const raw = joined(this.#pieces, this.#length);
    this.#pieces = [];
    this.#length = 0;
    return eventOf(raw);
  }
}

function eventOf(raw: Uint8Array<ArrayBuffer>): SseEvent {
  const data: string[] = [];
  let name: string | null = null;
  let otherLines = "";
  for (const line of new TextDecoder().decode(raw).split(/\r\n|\n|\r/)) {
    const [, field = line, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "data") data.push(value);
    else if (field === "event") name = value;
    else if (field === "id" || field === "retry") otherLines += `${line}\n`;
  }
  return { raw, data: data.length === 0 ? null : data.join("\n"), name, otherLines };
}
