import { RuneError } from "../errors.js";
import type { Judgement } from "./judge.js";
import { JUDGED_CATEGORIES, readJudgement, VERDICTS } from "./judgement.js";

const NO_CATEGORY = "none";
const FIELDS = ["nonce", "verdict", "category", "score"] as const;

/**
 * The JSON Schema of a model's answer, in the subset that all services take. `nonce` is first, so that a model writes it before
 * anything else.
 */
export const ANSWER_SCHEMA: Readonly<Record<string, unknown>> = {
  type: "object",
  properties: {
    nonce: { type: "string" },
    verdict: { type: "string", enum: VERDICTS },
    category: { type: "string", enum: [NO_CATEGORY, ...JUDGED_CATEGORIES] },
    score: { type: "number" },
  },
  required: FIELDS,
  additionalProperties: false,
};

/**
 * Reads a model's answer: one JSON object with these fields and no others, and nothing around it. A text that has talked the
 * model into an answer of its own rarely gets the shape right, and does not know the nonce.
 *
 * @throws {RuneError} `judge_malformed`; its message holds nothing of the answer
 */
export function readAnswer(text: string, nonce: string): Judgement {
  const answer = parse(text);
  const fields = Object.keys(answer);
  if (fields.length !== FIELDS.length || !FIELDS.every((field) => Object.hasOwn(answer, field))) {
    throw malformed("is not one JSON object with the fields that were asked for");
  }
  if (answer["nonce"] !== nonce) throw malformed("does not repeat the nonce");
  const { category, ...rest } = answer;
  const judgement = readJudgement(category === NO_CATEGORY ? rest : answer);
  if (judgement === null) throw malformed("has a field with a value that was not asked for");
  return judgement;
}

function parse(text: string): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw malformed("is no JSON");
  }
  return typeof answer === "object" && answer !== null && !Array.isArray(answer)
    ? (answer as Record<string, unknown>)
    : {};
}

/** The error for an answer that cannot be used. */
export function malformed(what: string): RuneError {
  return new RuneError("judge_malformed", `the judge's answer ${what}`);
}

/** The error for an answer that was not given. */
export function refused(): RuneError {
  return new RuneError("judge_refused", "the judge's model refused to answer");
}
