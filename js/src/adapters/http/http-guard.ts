import { ConfigurationError } from "../../errors.js";
import { BOOLEAN, CALLBACK, check, type Expectation, integerFrom, TEXTS } from "../../expectation.js";
import type { WaitUntil } from "../../http/wait-until.js";
import type { ScanContext } from "../../types.js";
import { callDenial, denialText, scanDenial } from "../denial.js";
import { guardedStream } from "../guarded-stream.js";
import type { Guarding } from "../guarding.js";
import { ACTOR, isShield } from "../options.js";
import { type Answer, answerOf } from "./answers.js";
import { isText, readBody, unreadBody } from "./body.js";
import { promptOf } from "./prompts.js";
import { denied, problem, withBody, withStream } from "./responses.js";
import { AnswerGuard } from "./streaming/answer-guard.js";
import { GuardedEvents } from "./streaming/guarded-events.js";
import type { HttpGuardOptions } from "./types.js";

const DEFAULT_MAX_BODY_BYTES = 1_048_576;

const OPTIONS: Readonly<Record<string, Expectation>> = {
  ...ACTOR,
  shield: {
    expected: "a Shield, or a function that makes one of the bindings",
    accepts: (value) => typeof value === "function" || isShield(value),
  },
  actorOf: CALLBACK,
  policies: TEXTS,
  trustedRoles: TEXTS,
  asksJudge: BOOLEAN,
  maxBodyBytes: integerFrom(1),
};

const JSON_TYPE = /^application\/([\w.-]+\+)?json\b/i;
const EVENTS_TYPE = /^text\/event-stream\b/i;

/** Who asks, and until when its events may be delivered. */
type Asker = Pick<ScanContext, "agentId" | "agentTags" | "sessionId" | "waitUntil">;

/** One request on its way. */
interface Exchange {
  readonly request: Request;
  readonly env: unknown;
  readonly waitUntil: WaitUntil | undefined;
}

/** Stands between requests to an application and its answers. */
export class HttpGuard {
  readonly #options: HttpGuardOptions;
  #shield: Guarding | undefined;

  /** @throws {ConfigurationError} when an option is missing, unknown or ill-typed */
  constructor(name: string, options: HttpGuardOptions) {
    check(options, OPTIONS, "option");
    if (options?.shield === undefined) throw new ConfigurationError(`\`${name}\` needs a \`shield\``);
    this.#options = options;
  }

  /** Answers a request by `run`, or in its place. What is no request to a model, or no answer of one, is left as it is. */
  async answer(exchange: Exchange, run: (request: Request) => Promise<Response>): Promise<Response> {
    const { shield } = this.#options;
    this.#shield ??= typeof shield === "function" ? shield(exchange.env) : shield;
    const asker = this.#askerOf(exchange);
    const admitted = await this.#admit(this.#shield, exchange.request, asker);
    if (admitted instanceof Response) return admitted;
    return this.#guardAnswer(this.#shield, await run(admitted), asker);
  }

  /** A request that may go on, or what it is answered with. */
  async #admit(shield: Guarding, request: Request, asker: Asker): Promise<Request | Response> {
    const { asksJudge, maxBodyBytes = DEFAULT_MAX_BODY_BYTES, trustedRoles = [] } = this.#options;
    if (request.body === null || request.bodyUsed) return request;
    const isJson = JSON_TYPE.test(request.headers.get("content-type") ?? "");
    if (isJson && request.headers.has("content-encoding"))
      return problem(415, "the body is encoded, and cannot be read as JSON");
    const body = await readBody(request.body, maxBodyBytes);
    const text = new TextDecoder().decode(body.bytes);
    // Applications read JSON whatever its type is said to be.
    const mayBeJson = isJson || /^\s*[{[]/.test(text);
    if (mayBeJson && body.rest !== null) {
      await body.rest.cancel();
      return problem(413, `the body has more than ${maxBodyBytes} bytes`);
    }
    const parsed = mayBeJson ? parse(text) : null;
    if (isJson && parsed === null) return problem(400, "the body is not JSON");
    const prompt = promptOf(parsed?.value, trustedRoles);
    if (prompt === "too_deep") return problem(400, "the body is nested too deeply");
    if (prompt !== null) {
      const context = { ...asker, source: "http request" };
      const scan = asksJudge ? await shield.scanDeep(prompt, context) : shield.scanInput(prompt, context);
      if (scan.blocked) return denied(scanDenial(scan, "the request"));
    }
    // `duplex` is demanded of bodies that are streams, and no type knows it.
    return new Request(request, { body: unreadBody(body), duplex: "half" } as RequestInit);
  }

  async #guardAnswer(shield: Guarding, response: Response, asker: Asker): Promise<Response> {
    const type = response.headers.get("content-type") ?? "";
    if (response.body !== null && EVENTS_TYPE.test(type))
      return this.#guardEvents(shield, response, response.body, asker);
    if (response.body === null || !JSON_TYPE.test(type)) return response;
    const bytes = await response.arrayBuffer();
    // What is still compressed is no text, and would not survive being read as one.
    if (response.headers.has("content-encoding") && !isText(bytes)) return new Response(bytes, response);
    const text = new TextDecoder().decode(bytes);
    const parsed = parse(text);
    const answer = answerOf(parsed?.value);
    if (answer === null) return withBody(response, text);
    const texts = answer.texts.map((each) => each.text);
    if (texts.length > 0) {
      const scan = shield.scanOutput(texts, { ...asker, source: "http answer" });
      if (scan.blocked) return denied(scanDenial(scan, "the answer"), response.headers);
    }
    const isChanged = await this.#replace(shield, answer, asker);
    // What is not changed is not written anew, which large numbers would not survive.
    return withBody(response, isChanged ? JSON.stringify(parsed?.value) : text);
  }

  #guardEvents(shield: Guarding, response: Response, body: ReadableStream<Uint8Array>, asker: Asker): Response {
    const { policies, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = this.#options;
    const guard = new AnswerGuard(shield, asker, { policies, maxCallUnits: maxBodyBytes });
    return withStream(response, guardedStream(body, new GuardedEvents(guard, maxBodyBytes)));
  }

  /** Replaces personal data and secrets in an answer, and calls that are denied; whether there were any. */
  async #replace(shield: Guarding, { texts, calls }: Answer, asker: Asker): Promise<boolean> {
    const { policies } = this.#options;
    let isChanged = false;
    for (const { text, replace } of texts) {
      const redacted = shield.redact(text);
      replace(redacted);
      isChanged ||= redacted !== text;
    }
    for (const { tool, params, replace } of calls) {
      const result = await shield.validateActionAsync({ ...asker, policies, action: tool, params });
      if (result.blocked) replace(denialText(callDenial(result)));
      isChanged ||= result.blocked;
    }
    return isChanged;
  }

  #askerOf({ request, waitUntil }: Exchange): Asker {
    const { agentId, agentTags, sessionId, actorOf } = this.#options;
    return { agentId, agentTags, sessionId, ...actorOf?.(request), waitUntil };
  }
}

/** The value of a JSON text; null when it is none. */
function parse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
