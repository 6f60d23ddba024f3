import type { Step } from "./path.js";
import { walk } from "./walk.js";

/**
 * Writes a value as JSON with each string replaced, for content of any depth. Where JSON cannot go on (a cycle, a
 * getter that throws, more than `MAX_VALUES` values) it writes null or stops, so nothing unread slips through.
 *
 * @param replace is given each string, numbered in the order in which `walk` meets them
 */
export function writeJson(root: unknown, replace: (text: string, index: number) => string): string {
  const pieces: string[] = [];
  let needsComma = false;
  let textIndex = 0;
  const begin = (step: Step | null): void => {
    if (needsComma) pieces.push(",");
    if (typeof step?.key === "string") pieces.push(JSON.stringify(step.key), ":");
  };
  walk(root, {
    text(text, step) {
      begin(step);
      pieces.push(JSON.stringify(replace(text, textIndex)));
      textIndex += 1;
      needsComma = true;
    },
    literal(json, step) {
      begin(step);
      pieces.push(json);
      needsComma = true;
    },
    open(bracket, step) {
      begin(step);
      pieces.push(bracket);
      needsComma = false;
    },
    close(bracket) {
      pieces.push(bracket);
      needsComma = true;
    },
  });
  return pieces.join("");
}
