import { check, OBJECT, TEXT } from "../expectation.js";
import type { Judge } from "./judge.js";
import { modelJudge } from "./model-judge.js";
import { required } from "./required.js";

/** What is used of a Workers AI binding (`env.AI`). */
export interface WorkersAi {
  // biome-ignore lint/suspicious/noExplicitAny: Cloudflare's type lists the inputs and answers of each model
  run(model: any, inputs: any, options?: any): Promise<unknown>;
}

/** Options of `workersAiJudge`. */
export interface WorkersAiJudgeOptions {
  readonly binding: WorkersAi;
  /** Such as `@cf/meta/llama-3.3-70b-instruct-fp8-fast`. It must know the JSON mode. */
  readonly model: string;
  /** Further inputs of the model, such as `{ temperature: 0 }`. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

const OPTIONS = {
  binding: {
    expected: "an object with a `run` method",
    accepts: (value: unknown) => typeof (value as { run?: unknown } | null)?.run === "function",
  },
  model: TEXT,
  parameters: OBJECT,
} as const;

/**
 * A judge that is a model of Workers AI.
 *
 * @throws {ConfigurationError} when an option is missing, unknown or ill-typed
 */
export function workersAiJudge(options: WorkersAiJudgeOptions): Judge {
  check(options, OPTIONS, "judge option");
  const { binding, model, parameters } = required(options, ["binding", "model"]);
  return modelJudge(async ({ system, user, schema }, signal) => {
    const messages = [
      { role: "system", content: system },
      { role: "user", content: user },
    ];
    const format = { type: "json_schema", json_schema: schema };
    return textOf(await binding.run(model, { messages, response_format: format, ...parameters }, { signal }));
  });
}

/** In JSON mode some models answer with the object, some with its text, and the newest as OpenAI's do. */
function textOf(answer: unknown): string {
  const { response, choices } = (answer ?? {}) as {
    readonly response?: unknown;
    readonly choices?: readonly { readonly message?: { readonly content?: unknown } }[];
  };
  const written = response ?? choices?.[0]?.message?.content;
  return typeof written === "string" ? written : JSON.stringify(written ?? null);
}
