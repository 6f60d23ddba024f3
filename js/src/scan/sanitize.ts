import type { Part } from "./content.js";
import { writeJson } from "./json-text.js";

/** A half-open range of a text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const REPLACEMENT = "[REDACTED]";

/**
 * The content with the found spans replaced, as JSON text when it was no string; null when nothing was found.
 *
 * A string that is read once more may have become another (a getter, a proxy). So what is written is the text that was
 * scanned, and a string that was not there then is replaced as a whole.
 *
 * @param found spans in any order, by the part they were found in
 */
export function sanitize(
  content: unknown,
  parts: readonly Part[],
  found: ReadonlyMap<Part, readonly Span[]>,
): string | null {
  if (found.size === 0) return null;
  const rewrite = (_text: string, index: number): string => {
    const part = parts[index];
    return part === undefined ? REPLACEMENT : replaceSpans(part.text, found.get(part) ?? []);
  };
  return typeof content === "string" ? rewrite(content, 0) : writeJson(content, rewrite);
}

/** Replaces spans; those that overlap or touch become one. */
export function replaceSpans(text: string, spans: readonly Span[]): string {
  const ordered = [...spans].sort((a, b) => a.start - b.start);
  let written = "";
  let done = 0;
  for (const { start, end } of ordered) {
    if (start > done || written === "") written += text.slice(done, start) + REPLACEMENT;
    done = Math.max(done, end);
  }
  return written + text.slice(done);
}
