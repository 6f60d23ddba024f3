import { CALLBACK, check, OBJECT, SECRET, TEXT } from "../expectation.js";
import type { Fetch } from "../http/attempt.js";
import { checkApiKey, urlOf } from "../http/destination.js";
import { pageAddress, runtimeOf } from "../runtime.js";
import { refused } from "./answer.js";
import type { Judge } from "./judge.js";
import { modelJudge } from "./model-judge.js";
import { postJson } from "./post.js";
import { required } from "./required.js";

/** Options of `anthropicJudge`. */
export interface AnthropicJudgeOptions {
  /** In a browser it goes to the page's own origin only. */
  readonly apiKey: string;
  /** Such as `claude-haiku-4-5`. */
  readonly model: string;
  /** Where `/v1/messages` is, default `https://api.anthropic.com`; `http:` on this machine only. */
  readonly baseUrl?: string | undefined;
  /**
   * Further fields of the request, which replace those of the same name: `{ output_config: undefined }` for models that know no
   * JSON schemas.
   */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
}

const OPTIONS = { apiKey: SECRET, model: TEXT, baseUrl: TEXT, parameters: OBJECT, fetch: CALLBACK } as const;
/** An answer has some sixty. */
const MAX_TOKENS = 256;

/**
 * A judge that is a model behind Anthropic's API.
 *
 * @throws {ConfigurationError} when an option is missing, unknown, ill-typed, or would send the key where it must not go
 */
export function anthropicJudge(options: AnthropicJudgeOptions): Judge {
  check(options, OPTIONS, "judge option");
  const given = required(options, ["apiKey", "model"]);
  const { apiKey, model, baseUrl = "https://api.anthropic.com", parameters, fetch } = given;
  checkApiKey(apiKey);
  const url = urlOf({ option: "baseUrl", address: baseUrl, path: "/v1/messages" }, apiKey, pageAddress(runtimeOf()));
  const headers = { "x-api-key": apiKey, "anthropic-version": "2023-06-01" };
  return modelJudge(async ({ system, user, schema }, signal) => {
    const messages = [{ role: "user", content: user }];
    const format = { format: { type: "json_schema", schema } };
    const body = { model, max_tokens: MAX_TOKENS, system, messages, output_config: format, ...parameters };
    return textOf(await postJson({ url, headers, fetch }, body, signal));
  });
}

/** What is read of an answer. */
interface Answer {
  readonly stop_reason?: unknown;
  readonly content?: readonly { readonly type?: unknown; readonly text?: unknown }[];
}

function textOf(answer: unknown): string {
  const { stop_reason, content } = (answer ?? {}) as Answer;
  if (stop_reason === "refusal") throw refused();
  if (!Array.isArray(content)) return "";
  return content.map(({ type, text }) => (type === "text" ? String(text) : "")).join("");
}
