/** A report for programs. What a terminal would obey or hide is escaped, which means the same to whoever parses it. */
export function jsonOf(report: object): string {
  const json = JSON.stringify(report, null, 2);
  return `${json.replace(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Variation_Selector}]/gu, escaped)}\n`;
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
