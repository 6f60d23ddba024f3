import type { Share } from "./share.js";

/** Lines of a table: cells under each other, the first column to the left, the others to the right. */
export function table(title: string, rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return ["", title, "", ...rows.map((row) => `  ${line(row).join("   ").trimEnd()}`)];
}

/** A share with its interval: `87.5 %  (84.1–90.6)`; a dash when there is nothing to take a share of. */
export function percent({ share, low, high }: Share): string {
  if (share === null || low === null || high === null) return "–";
  const digits = digitsFor(share);
  return `${bare({ share })}  (${(100 * low).toFixed(digits)}–${(100 * high).toFixed(digits)})`;
}

/** The same without the interval. */
export function bare({ share }: Pick<Share, "share">): string {
  return share === null ? "–" : `${(100 * share).toFixed(digitsFor(share))} %`;
}

/** Alarms are rare, and whether they are rarer than one in a thousand matters. */
function digitsFor(share: number): number {
  return share > 0 && share < 0.1 ? 2 : 1;
}
