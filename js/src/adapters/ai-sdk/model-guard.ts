import type { Denial, ScanResult } from "../../types.js";
import { callDenial, denialText, scanDenial } from "../denial.js";
import type { Guarding } from "../guarding.js";
import { TextChannel } from "../text-channel.js";
import { paramsOf } from "../tool-params.js";
import type { AnswerPart, FinishReason, PromptMessage, RuneMiddlewareOptions, WholeAnswer } from "./types.js";
import { withoutLogprobs } from "./without-logprobs.js";

/** How the SDK is told that something was withheld. */
export const FILTERED: FinishReason = { unified: "content-filter", raw: undefined };

/** Says of a model's prompts, answers and calls what becomes of them. */
export class ModelGuard {
  readonly #shield: Guarding;
  readonly #options: RuneMiddlewareOptions;

  constructor(shield: Guarding, options: RuneMiddlewareOptions) {
    this.#shield = shield;
    this.#options = options;
  }

  /** Why a prompt must not reach the model, if so. Instructions and what the model said itself are not looked at. */
  async denialOfPrompt(prompt: readonly PromptMessage[]): Promise<Denial | null> {
    const foreign = prompt.filter(({ role }) => role === "user" || role === "tool").map(readableOf);
    if (foreign.length === 0) return null;
    const context = { ...this.#actor(), source: "ai-sdk prompt" };
    const { asksJudge } = this.#options;
    const scan = asksJudge ? await this.#shield.scanDeep(foreign, context) : this.#shield.scanInput(foreign, context);
    return scan.blocked ? scanDenial(scan, "the prompt") : null;
  }

  /** Why texts of an answer must not be shown, if so. */
  denialOfTexts(texts: readonly string[]): Denial | null {
    if (texts.length === 0) return null;
    const scan = this.#shield.scanOutput(texts, { ...this.#actor(), source: "ai-sdk answer" });
    return scan.blocked ? this.denialOf(scan) : null;
  }

  /** A way for a text of an answer that comes in pieces. */
  textChannel(): TextChannel {
    return new TextChannel(this.#shield.scanStream({ ...this.#actor(), source: "ai-sdk answer" }));
  }

  /** Why no more of an answer is shown than its scan let through. */
  denialOf(scan: ScanResult): Denial {
    return scanDenial(scan, "the answer");
  }

  /** Why a tool must not be called, if so. */
  async denialOfCall({ toolName, input }: AnswerPart): Promise<Denial | null> {
    const { policies } = this.#options;
    const action = { ...this.#actor(), policies, action: String(toolName), params: paramsOf(input) };
    const result = await this.#shield.validateActionAsync(action);
    return result.blocked ? callDenial(result) : null;
  }

  /** A text without personal data and secrets. */
  redact(text: string): string {
    return this.#shield.redact(text);
  }

  /** What may be handed on of an answer. */
  async guardAnswer(answer: WholeAnswer): Promise<WholeAnswer> {
    const texts = answer.content.flatMap(({ type, text }) => (type === "text" ? [text ?? ""] : []));
    const denial = this.denialOfTexts(texts);
    const { structuredOutputText, response, ...others } = answer;
    // The body that the provider sent would show what is withheld.
    const { body: _, ...shown } = response ?? {};
    const rest = withoutLogprobs(response === undefined ? others : { ...others, response: shown });
    if (denial !== null) return { ...rest, ...deniedAnswer(denial) };
    const content = await Promise.all(answer.content.map((part) => this.#guardPart(part)));
    const isFiltered = answer.content.some(isCall) && !content.some(isCall);
    return {
      ...rest,
      ...(structuredOutputText === undefined ? {} : { structuredOutputText: this.redact(structuredOutputText) }),
      content,
      // Without a call that is left to be made, the SDK must not be told that there are some.
      finishReason: isFiltered ? FILTERED : answer.finishReason,
    };
  }

  async #guardPart(part: AnswerPart): Promise<AnswerPart> {
    if (part.type === "text") return { ...withoutLogprobs(part), text: this.redact(part.text ?? "") };
    if (!isCall(part)) return part;
    const denial = await this.denialOfCall(part);
    return denial === null ? part : { type: "text", text: denialText(denial) };
  }

  #actor(): Pick<RuneMiddlewareOptions, "agentId" | "agentTags" | "sessionId" | "waitUntil"> {
    const { agentId, agentTags, sessionId, waitUntil } = this.#options;
    return { agentId, agentTags, sessionId, waitUntil };
  }
}

/** What an answer consists of when nothing of it may be shown. */
export function deniedAnswer(denial: Denial): Pick<WholeAnswer, "content" | "finishReason"> {
  return { content: [{ type: "text", text: denialText(denial) }], finishReason: FILTERED };
}

/** Whether a part is the call of a tool that the application is to make. */
export function isCall({ type, providerExecuted }: AnswerPart): boolean {
  return type === "tool-call" && providerExecuted !== true;
}

/** Files are bytes or addresses; what a model reads in them is not known here. */
function readableOf({ role, content }: PromptMessage): PromptMessage {
  if (!Array.isArray(content)) return { role, content };
  return { role, content: content.filter((part: { type?: unknown } | null) => part?.type !== "file") };
}
