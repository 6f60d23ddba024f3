import { CALLBACK, check, OBJECT, SECRET, TEXT } from "../expectation.js";
import type { Fetch } from "../http/attempt.js";
import { checkApiKey, urlOf } from "../http/destination.js";
import { pageAddress, runtimeOf } from "../runtime.js";
import { refused } from "./answer.js";
import type { Judge } from "./judge.js";
import { modelJudge } from "./model-judge.js";
import { postJson } from "./post.js";
import { required } from "./required.js";

/** Options of `openaiJudge`. */
export interface OpenaiJudgeOptions {
  /** Left out for servers that want none. In a browser it goes to the page's own origin only. */
  readonly apiKey?: string | undefined;
  readonly model: string;
  /** Where `/chat/completions` is, default `https://api.openai.com/v1`; `http:` on this machine only. */
  readonly baseUrl?: string | undefined;
  /**
   * Further fields of the request, which replace those of the same name: `{ reasoning_effort: "minimal" }`, or
   * `{ response_format: { type: "json_object" } }` for servers that know no JSON schemas.
   */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
}

const OPTIONS = { apiKey: SECRET, model: TEXT, baseUrl: TEXT, parameters: OBJECT, fetch: CALLBACK } as const;

/**
 * A judge that is a model behind an API like OpenAI's chat completions.
 *
 * @throws {ConfigurationError} when an option is missing, unknown, ill-typed, or would send the key where it must not go
 */
export function openaiJudge(options: OpenaiJudgeOptions): Judge {
  check(options, OPTIONS, "judge option");
  const { apiKey, model, baseUrl = "https://api.openai.com/v1", parameters, fetch } = required(options, ["model"]);
  if (apiKey !== undefined) checkApiKey(apiKey);
  const endpoint = { option: "baseUrl", address: baseUrl, path: "/chat/completions" };
  const url = urlOf(endpoint, apiKey ?? null, pageAddress(runtimeOf()));
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  return modelJudge(async ({ system, user, schema }, signal) => {
    const messages = [
      { role: "system", content: system },
      { role: "user", content: user },
    ];
    const format = { type: "json_schema", json_schema: { name: "judgement", strict: true, schema } };
    const body = { model, messages, response_format: format, ...parameters };
    return textOf(await postJson({ url, headers, fetch }, body, signal));
  });
}

/** What is read of an answer. */
interface Answer {
  readonly choices?: readonly {
    readonly finish_reason?: unknown;
    readonly message?: { readonly content?: unknown; readonly refusal?: unknown };
  }[];
}

function textOf(answer: unknown): string {
  const choice = (answer as Answer | null)?.choices?.[0];
  if (choice?.finish_reason === "content_filter" || typeof choice?.message?.refusal === "string") throw refused();
  return String(choice?.message?.content);
}
