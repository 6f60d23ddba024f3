import { RuneError } from "../errors.js";
import { attempt } from "../http/attempt.js";
import type { Judge, JudgeRequest } from "../judge/judge.js";
import { type FullJudgement, readJudgement } from "../judge/judgement.js";

/** Why there is no judgement, or one about a part only. */
export type JudgeCause =
  | "judge_timeout"
  | "judge_failed"
  | "judge_refused"
  | "judge_malformed"
  | "judge_busy"
  | "judge_cancelled"
  | "judge_truncated";

/** What users are told about a cause, once. */
export const JUDGE_WARNINGS: Readonly<Record<JudgeCause, string>> = {
  judge_timeout: "the judge took longer than `scanTimeoutMs`",
  judge_failed: "the judge failed; is its server there, and its key right?",
  judge_refused: "the judge's model refused to judge a content",
  judge_malformed: "the judge's answer was no judgement",
  judge_busy: "too many contents waited for the judge behind calls; some were not judged",
  judge_cancelled: "the Shield was closed while contents waited for the judge",
  judge_truncated: "a content was too long for the judge, who was not shown its middle",
};

/**
 * Asks the judge once. Never rejects, and ends after the time-out even if the judge does not, who is told by the signal.
 *
 * @param cancelled ends it before
 */
export async function ask(
  judge: Judge,
  request: Omit<JudgeRequest, "signal">,
  timeoutMs: number,
  cancelled: AbortSignal | undefined,
): Promise<FullJudgement | JudgeCause> {
  if (timeoutMs <= 0) return "judge_timeout";
  const answer = async (signal: AbortSignal): Promise<FullJudgement | JudgeCause> => {
    try {
      return readJudgement(await judge(Object.freeze({ ...request, signal }))) ?? "judge_malformed";
    } catch (error) {
      return causeOf(error);
    }
  };
  return attempt(timeoutMs, answer, { tooLate: "judge_timeout", failed: "judge_cancelled" }, cancelled);
}

function causeOf(error: unknown): JudgeCause {
  const code = RuneError.isInstance(error) ? error.code : null;
  return code === "judge_refused" || code === "judge_malformed" ? code : "judge_failed";
}
