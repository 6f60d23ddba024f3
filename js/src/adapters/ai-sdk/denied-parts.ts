import type { Denial } from "../../types.js";
import { denialText } from "../denial.js";
import { FILTERED } from "./model-guard.js";
import type { AnswerPart } from "./types.js";

/** Of a call that was not made, or not to its end. */
export const NO_USAGE = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
} as const;

/** The stream of an answer that tells of a denial, from its text to its end. */
export function deniedParts(denial: Denial, id: string): (AnswerPart & { readonly usage?: typeof NO_USAGE })[] {
  return [...toldParts(denial, id), { type: "finish", finishReason: FILTERED, usage: NO_USAGE }];
}

/** The text that tells of a denial, with its beginning and end. */
export function toldParts(denial: Denial, id: string): AnswerPart[] {
  return [
    { type: "text-start", id },
    { type: "text-delta", id, delta: denialText(denial) },
    { type: "text-end", id },
  ];
}
