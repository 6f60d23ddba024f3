import type { Part } from "./content.js";

/** A piece of a part that is handed to the core at once. */
export interface Slice {
  readonly part: Part;
  readonly text: string;
  /** Where the piece begins in its part, in UTF-16 units. */
  readonly offset: number;
}

/** What of a content is scanned. */
export interface Selection {
  readonly slices: readonly Slice[];
  readonly isTruncated: boolean;
}

/**
 * Cuts a content down to what may be scanned: all of it, or of a longer one the first and the last half of the budget,
 * counted over all its strings. A surrogate pair is never cut.
 */
export function selectSlices(parts: readonly Part[], maxChars: number): Selection {
  const total = parts.reduce((sum, { text }) => sum + text.length, 0);
  if (total <= maxChars)
    return { slices: parts.map((part) => ({ part, text: part.text, offset: 0 })), isTruncated: false };

  const headEnd = Math.floor(maxChars / 2);
  const tailStart = total - (maxChars - headEnd);
  const slices: Slice[] = [];
  let start = 0;
  for (const part of parts) {
    const { length } = part.text;
    push(slices, part, 0, Math.min(length, headEnd - start));
    push(slices, part, Math.max(0, tailStart - start), length);
    start += length;
  }
  return { slices, isTruncated: true };
}

function push(slices: Slice[], part: Part, from: number, to: number): void {
  const offset = isInsidePair(part.text, from) ? from + 1 : from;
  const end = isInsidePair(part.text, to) ? to - 1 : to;
  if (offset < end) slices.push({ part, text: part.text.slice(offset, end), offset });
}

function isInsidePair(text: string, at: number): boolean {
  const isHigh = (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
  return isHigh && (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
