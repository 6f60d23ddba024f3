import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { type AiSdkAnswer, aiSdkJudge } from "./ai-sdk.js";
import type { Judge, Judgement, JudgeRequest } from "./judge.js";
import { modelJudge } from "./model-judge.js";
import { workersAiJudge } from "./workers-ai.js";

const SIGNAL = new AbortController().signal;
const REQUEST: JudgeRequest = { text: "Hello", direction: "input", findings: [], signal: SIGNAL };
const JUDGEMENT: Judgement = { verdict: "suspicious", score: 0.6, category: "jailbreak" };

/** What a model that does as it is told would write. */
function obey(system: string): Record<string, unknown> {
  const [, nonce] = /"nonce": "([^"]+)"/.exec(system) ?? [];
  return { nonce, ...JUDGEMENT };
}

const configuration = (message: string) => ({ name: "ConfigurationError", message });

test("any model can be a judge, and is held to the shape of its answer", async () => {
  const seen: unknown[] = [];
  const judge = modelJudge(async ({ system, user }, signal) => {
    seen.push(signal, user.includes("\nHello\n"));
    return JSON.stringify(obey(system));
  });
  deepEqual(await judge(REQUEST), JUDGEMENT);
  deepEqual(seen, [SIGNAL, true]);
  const malformed = { code: "judge_malformed" };
  await rejects(Promise.resolve(modelJudge(async () => '{"verdict":"safe"}')(REQUEST)), malformed);
  await rejects(Promise.resolve(modelJudge(async () => ({ verdict: "safe" }) as never)(REQUEST)), malformed);
  throws(() => modelJudge("gpt" as never), configuration("expected a function that has a model answer, got a string"));
});

test("a model of Workers AI is asked for JSON, in whichever form it answers", async () => {
  const calls: unknown[][] = [];
  const judgeThatSays = (wrap: (answer: object) => unknown): Judge =>
    workersAiJudge({
      binding: {
        run: async (...args: [string, { messages: { content: string }[] }, unknown]) => {
          calls.push(args);
          return wrap(obey(args[1].messages[0]?.content ?? ""));
        },
      },
      model: "@cf/x",
      parameters: { temperature: 0 },
    });
  const forms: ((answer: object) => unknown)[] = [
    (answer) => ({ response: answer }),
    (answer) => ({ response: JSON.stringify(answer) }),
    (answer) => ({ choices: [{ message: { content: JSON.stringify(answer) } }] }),
  ];
  for (const wrap of forms) deepEqual(await judgeThatSays(wrap)(REQUEST), JUDGEMENT);
  const [model, inputs, options] = calls[0] as [string, Record<string, unknown>, unknown];
  deepEqual([model, inputs["temperature"], options], ["@cf/x", 0, { signal: SIGNAL }]);
  deepEqual((inputs["response_format"] as { type: string }).type, "json_schema");
  for (const answer of [{}, { response: null }, { response: "safe" }, { choices: [] }, new ReadableStream()]) {
    await rejects(Promise.resolve(judgeThatSays(() => answer)(REQUEST)), { code: "judge_malformed" });
  }
  throws(() => workersAiJudge({ model: "x" } as never), configuration("judge option `binding` is missing"));
  throws(
    () => workersAiJudge({ binding: {} as never, model: "x" }),
    configuration("judge option `binding` must be an object with a `run` method, got an object"),
  );
});

test("a language model of any version of the AI SDK can be a judge", async () => {
  let options:
    | { prompt: { content: string }[]; abortSignal: AbortSignal; responseFormat: { type: string } }
    | undefined;
  const judgeThatSays = (answer: (written: string) => AiSdkAnswer): Judge =>
    aiSdkJudge({
      model: {
        doGenerate: async (given) => {
          options = given;
          return answer(JSON.stringify(obey(given.prompt[0].content)));
        },
      },
    });
  const v2 = (text: string): AiSdkAnswer => ({ content: [{ type: "text", text }], finishReason: "stop" });
  const v3 = (text: string): AiSdkAnswer => ({
    content: [
      { type: "reasoning", text: "hm" },
      { type: "text", text: text.slice(0, 9) },
      { type: "text", text: text.slice(9) },
    ],
    finishReason: { unified: "stop" },
  });
  for (const answer of [v2, v3]) deepEqual(await judgeThatSays(answer)(REQUEST), JUDGEMENT);
  deepEqual([options?.abortSignal, options?.responseFormat.type], [SIGNAL, "json"]);
  for (const finishReason of ["content-filter", { unified: "content-filter" }]) {
    await rejects(Promise.resolve(judgeThatSays(() => ({ content: [], finishReason }))(REQUEST)), {
      code: "judge_refused",
      message: "the judge's model refused to answer",
    });
  }
  throws(
    () => aiSdkJudge({ model: "gpt-5" as never }),
    configuration(
      'judge option `model` must be a language model of the AI SDK, such as `openai(…)` returns, got `"gpt-5"`',
    ),
  );
  equal(throwsMissing(), "judge option `model` is missing");
});

function throwsMissing(): string {
  try {
    aiSdkJudge(undefined as never);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}
