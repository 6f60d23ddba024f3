import type { Judge, Judgement, JudgeRequest } from "../judge/judge.js";

/** A `judge` for `new Shield({ l3Enabled: true, judge })` that asks no model. */
export interface FakeJudge {
  readonly judge: Judge;
  /** What it was asked, oldest first. */
  readonly requests: readonly JudgeRequest[];
}

/**
 * Plays a judge.
 *
 * @param answers its answers in their order, of which the last is given from then on; an error is thrown, and `"hang"` is no
 *   answer at all. Default: everything is safe.
 */
export function fakeJudge(...answers: readonly (Judgement | Error | "hang")[]): FakeJudge {
  const requests: JudgeRequest[] = [];
  return {
    requests,
    async judge(request) {
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? { verdict: "safe", score: 1 };
      requests.push(request);
      if (answer === "hang") return new Promise(() => {});
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}
