import { selectSlices } from "../scan/budget.js";
import { readContent } from "../scan/content.js";
import { writeJson } from "../scan/json-text.js";

/** A content as it was when it was scanned. */
export interface Question {
  readonly text: string;
  /** Whether the middle was left out. */
  readonly isCut: boolean;
  /** UTF-16 units of a content that is a string; null for any other. */
  readonly length: number | null;
  /** The content with all its texts taken out, as a string or as JSON text. */
  readonly withoutTexts: string;
}

/** UTF-16 units; what is longer costs a model more time than a call has. */
const MAX_JUDGED_CHARS = 50_000;
const LEFT_OUT = "\n[… left out …]\n";
const REPLACEMENT = "[REDACTED]";

/**
 * What the judge is asked about a content; null when there is no text in it.
 *
 * @throws {ContentError} when the content is nothing that text can be read from
 */
export function questionAbout(content: unknown): Question | null {
  const { parts } = readContent(content);
  if (parts.every(({ text }) => text === "")) return null;
  const isString = typeof content === "string";
  const text = isString ? content : writeJson(content, (each) => each);
  const { slices, isTruncated } = selectSlices([{ text, step: null }], MAX_JUDGED_CHARS);
  return {
    text: slices.map((slice) => slice.text).join(LEFT_OUT),
    isCut: isTruncated,
    length: isString ? content.length : null,
    withoutTexts: isString ? REPLACEMENT : writeJson(content, () => REPLACEMENT),
  };
}
