import { cellsOf } from "../js/src/cli/excerpt.js";
import type { Paint } from "../js/src/cli/paint.js";

/** A half-open range of a text, in UTF-16 units. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Sets a text in rows of at most `width` columns, each followed by one that underlines the spans in it. */
export function typeset(text: string, spans: readonly Span[], width: number, paint: Paint): string[] {
  const isFound = (offset: number): boolean => spans.some(({ start, end }) => offset >= start && offset < end);
  const rows: string[] = [];
  let lineStart = 0;
  for (const line of text.split("\n")) {
    for (const row of rowsOf(cellsOf(line, lineStart), width)) {
      rows.push(
        row
          .map(({ shown }) => shown)
          .join("")
          .trimEnd(),
      );
      const underline = row.map(({ offset, columns }) => (isFound(offset) ? "^" : " ").repeat(columns)).join("");
      if (underline.includes("^")) rows.push(paint(underline.trimEnd(), "red"));
    }
    lineStart += line.length + 1;
  }
  return rows;
}

type Cells = ReturnType<typeof cellsOf>;

/** Breaks a line after blanks, or anywhere when there is none. */
function rowsOf(cells: Cells, width: number): Cells[] {
  const rows: Cells[] = [];
  let rest = cells;
  while (rest.reduce((sum, { columns }) => sum + columns, 0) > width) {
    let columns = 0;
    const full = rest.findIndex((cell) => {
      columns += cell.columns;
      return columns > width;
    });
    const blank = rest.slice(0, full).findLastIndex(({ shown }) => shown === " ");
    const end = blank > 0 ? blank + 1 : full;
    rows.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...rows, rest];
}
