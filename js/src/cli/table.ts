import { type Cell as Character, cellsOf, printable } from "./excerpt.js";
import type { Colour, Paint } from "./paint.js";

/** What stands in one place of a table. */
export interface Cell {
  readonly text: string;
  readonly colour?: Colour | undefined;
}

const GAP = "  ";
/** No column is made narrower to make room for others. */
const LEAST_COLUMNS = 8;

/**
 * A table as lines. Columns are as wide as they must be; where that is too wide for the terminal, the widest are broken
 * between words. Texts may be untrusted.
 *
 * @param width columns of the terminal
 */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  paint: Paint,
  width: number,
): string[] {
  const all: readonly (readonly Cell[])[] = [head.map((text) => ({ text, colour: "dim" })), ...rows];
  const natural = head.map((_, at) => Math.max(...all.map((row) => columnsOf(printable(row[at]?.text ?? "")))));
  const widths = fitted(natural, width - GAP.length * (head.length - 1));
  return all.flatMap((row) => rowLines(row, widths, paint));
}

/** Takes from the widest columns until they fit. */
function fitted(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  for (let excess = widths.reduce((sum, width) => sum + width, 0) - room; excess > 0; excess--) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= LEAST_COLUMNS) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function rowLines(row: readonly Cell[], widths: readonly number[], paint: Paint): string[] {
  const broken = widths.map((width, at) => brokenAt(printable(row[at]?.text ?? ""), width));
  const height = Math.max(...broken.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const last = broken.findLastIndex((lines) => (lines[line] ?? "") !== "");
    const cells = broken.slice(0, last + 1).map((lines, at) => {
      const text = lines[line] ?? "";
      const colour = row[at]?.colour;
      const padding = at === last ? "" : " ".repeat((widths[at] ?? 0) - columnsOf(text));
      return (colour === undefined || text === "" ? text : paint(text, colour)) + padding;
    });
    return cells.join(GAP);
  });
}

/** Breaks a line between words, and words that are wider than the column wherever it must. */
export function brokenAt(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((each) => pieces(cellsOf(each, 0), width))) {
    if (line === "") line = word;
    else if (columnsOf(line) + 1 + columnsOf(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** A word in pieces that fit, broken behind punctuation where there is some in the second half of the column. */
function pieces(characters: readonly Character[], width: number): string[] {
  const found: string[] = [];
  let rest = characters;
  for (let end = endOf(rest, width); end < rest.length; end = endOf(rest, width)) {
    const mark = rest.slice(0, end).findLastIndex(({ shown }) => /[-/_.:,]/.test(shown)) + 1;
    const cut = mark > end / 2 ? mark : end;
    found.push(textOf(rest.slice(0, cut)));
    rest = rest.slice(cut);
  }
  return [...found, textOf(rest)];
}

/** How many characters fit, at least one. */
function endOf(characters: readonly Character[], width: number): number {
  let used = 0;
  const end = characters.findIndex(({ columns }) => {
    used += columns;
    return used > width;
  });
  return end < 0 ? characters.length : Math.max(end, 1);
}

function textOf(characters: readonly Character[]): string {
  return characters.map(({ shown }) => shown).join("");
}

function columnsOf(text: string): number {
  return cellsOf(text, 0).reduce((sum, { columns }) => sum + columns, 0);
}
