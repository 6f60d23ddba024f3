/** A position as editors count it: lines and columns from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds where offsets stand in a text. Its lines are counted once, however many offsets are asked for. */
export function positionsIn(text: string): (offset: number) => Position {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return (offset) => {
    // INVARIANT: line `low` begins at or before the offset, line `high` after it or not at all.
    let low = 0;
    let high = lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
  };
}

/** One line of a text and a second one that underlines a span in it. */
export interface Excerpt {
  readonly shown: string;
  readonly underline: string;
}

/**
 * Shows a span in its line, cut to a width. What a terminal would obey or hide (escapes, zero-width characters) is
 * shown as `·`: the text is untrusted. Of a span over several lines the first line is underlined.
 *
 * @param width columns, at least 20
 */
export function excerptOf(text: string, start: number, end: number, width: number): Excerpt {
  // Enough to fill the width and no more: a line of a megabyte must not be read in full for each finding in it.
  const reachStart = boundaryAt(text, Math.max(0, start - width));
  const reachEnd = boundaryAt(text, Math.min(text.length, start + 2 * width));
  const lineStart = reachStart + text.slice(reachStart, start).lastIndexOf("\n") + 1;
  const newline = text.slice(start, reachEnd).indexOf("\n");
  const lineEnd = newline < 0 ? reachEnd : start + newline;
  const cells = cellsOf(text.slice(lineStart, lineEnd), lineStart);

  const from = cells.findIndex(({ offset }) => offset >= start);
  const first = Math.max(0, (from < 0 ? cells.length : from) - Math.floor(width / 4));
  let shown = first > 0 ? "…" : "";
  let underline = first > 0 ? " " : "";
  let columns = shown.length;
  for (const { offset, shown: glyph, columns: wide } of cells.slice(first)) {
    if (columns + wide > width - 1) return { shown: `${shown}…`, underline: underline.trimEnd() };
    shown += glyph;
    underline += (offset >= start && offset < end ? "^" : " ").repeat(wide);
    columns += wide;
  }
  const isCut = newline < 0 && reachEnd < text.length;
  return { shown: isCut ? `${shown}…` : shown, underline: underline.trimEnd() };
}

/** The offset, or the one before it where it would cut a surrogate pair. */
function boundaryAt(text: string, offset: number): number {
  return (text.codePointAt(offset - 1) ?? 0) > 0xffff ? offset - 1 : offset;
}

/** A character as a terminal shows it. */
export interface Cell {
  /** Where it stands in the text, in UTF-16 units. */
  readonly offset: number;
  readonly shown: string;
  /** 2 for the wide characters of East Asia and for emoji. */
  readonly columns: number;
}

/** The characters of one line as a terminal shows them; `lineStart` is where the line stands in its text. */
export function cellsOf(line: string, lineStart: number): Cell[] {
  const cells: Cell[] = [];
  let offset = lineStart;
  for (const character of line) {
    cells.push(cellOf(character, offset));
    offset += character.length;
  }
  return cells;
}

/** A text from a file or a command line as one line that a terminal neither obeys nor hides anything of. */
export function printable(text: string): string {
  return cellsOf(text, 0)
    .map(({ shown }) => shown)
    .join("");
}

function cellOf(character: string, offset: number): Cell {
  if (character === "\t") return { offset, shown: " ", columns: 1 };
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}]/u.test(character))
    return { offset, shown: "·", columns: 1 };
  if (/\p{Mn}/u.test(character)) return { offset, shown: character, columns: 0 };
  return { offset, shown: character, columns: WIDE.test(character) ? 2 : 1 };
}

const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
