import { ContentError } from "../errors.js";
import { kindOf } from "../expectation.js";
import type { Step } from "./path.js";
import { type Unread, walk } from "./walk.js";

/** One string of a content and where it stands. */
export interface Part {
  readonly text: string;
  readonly step: Step | null;
}

/** The strings of a content, in the order in which JSON would write them. */
export interface Content {
  readonly parts: readonly Part[];
  readonly unread: Unread;
}

/**
 * Reads the strings out of a content: the content itself when it is a string, else each string value inside it.
 *
 * @throws {ContentError} when the content as a whole is nothing that text can be read from
 */
export function readContent(content: unknown): Content {
  if (typeof content === "string") {
    return { parts: [{ text: content, step: null }], unread: { tooMany: false, threw: false } };
  }
  refuseUnreadable(content);
  const parts: Part[] = [];
  const ignore = (): void => {};
  const unread = walk(content, {
    text: (text, step) => parts.push({ text, step }),
    literal: ignore,
    open: ignore,
    close: ignore,
  });
  return { parts, unread };
}

/** Inside a value such things are passed over, as JSON does; alone they are a slip that must not look like a clean scan. */
function refuseUnreadable(content: unknown): void {
  const expected = "content must be a string, an array of messages or a JSON value";
  if (content === undefined || ["function", "symbol", "bigint"].includes(typeof content)) {
    throw new ContentError(`${expected}, got ${kindOf(content)}`);
  }
  if (ArrayBuffer.isView(content) || content instanceof ArrayBuffer)
    throw new ContentError(`${expected}, got bytes: decode them first`);
  if (isPromise(content)) throw new ContentError(`${expected}, got a promise: await it first`);
}

function isPromise(content: unknown): boolean {
  try {
    return (
      typeof content === "object" && content !== null && typeof (content as { then?: unknown }).then === "function"
    );
  } catch {
    // A getter that throws; the walk will meet it again and say so.
    return false;
  }
}
