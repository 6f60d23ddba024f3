import { paramsOf } from "../tool-params.js";

/** A text in an answer. */
export interface AnswerText {
  readonly text: string;
  /** Puts another text in its place. */
  replace(text: string): void;
}

/** A call of a tool in an answer. */
export interface AnswerCall {
  readonly tool: string;
  readonly params: unknown;
  /** Puts a sentence in its place, which says why it is not made. */
  replace(sentence: string): void;
}

/** What is read of an answer; what is replaced is replaced in the value that was read. */
export interface Answer {
  readonly texts: readonly AnswerText[];
  readonly calls: readonly AnswerCall[];
}

/** Reads what a model answered, in the form of whichever API; null when it is none of them. */
export function answerOf(body: unknown): Answer | null {
  if (typeof body !== "object" || body === null) return null;
  const { choices, output, type, content } = body as Partial<OpenAiChat & OpenAiResponse & AnthropicMessage>;
  if (Array.isArray(choices)) return chatAnswer(choices);
  if (Array.isArray(output)) return responseAnswer(output);
  return type === "message" && Array.isArray(content) ? anthropicAnswer(body as AnthropicMessage) : null;
}

interface OpenAiChat {
  readonly choices: readonly Choice[];
}

interface Choice {
  readonly message?: ChatMessage;
  /** What a completion says that is no chat. */
  text?: string;
  finish_reason?: string;
  logprobs?: unknown;
}

interface ChatMessage {
  content?: string | null | Part[];
  readonly annotations?: unknown;
  refusal?: string | null;
  tool_calls?: readonly (ToolCall | null)[];
  /** A call as it was before there could be several. */
  function_call?: FunctionCall | null;
}

interface FunctionCall {
  readonly name: string;
  readonly arguments: string;
}

interface ToolCall {
  readonly function?: FunctionCall;
  readonly custom?: { readonly name: string; readonly input: string };
}

/** `POST /v1/chat/completions` and `/v1/completions` of OpenAI, and of the many that are compatible. */
function chatAnswer(choices: readonly Choice[]): Answer {
  const texts: AnswerText[] = [];
  const calls: AnswerCall[] = [];
  for (const choice of choices) {
    const { message, text } = choice ?? {};
    if (typeof text === "string") texts.push(textIn(choice, "text", choice));
    if (typeof message !== "object" || message === null) continue;
    const { content, refusal, tool_calls, function_call: legacy } = message;
    if (typeof content === "string") texts.push(textIn(message as { content: string }, "content", choice));
    texts.push(...textsOf(content, "text"));
    if (typeof refusal === "string") texts.push(textIn(message, "refusal", choice));
    texts.push(...citedIn(message.annotations));
    for (const call of Array.isArray(tool_calls) ? tool_calls : []) {
      if (!call) continue;
      calls.push({
        tool: String(call.function?.name ?? call.custom?.name),
        params: paramsOf(call.function?.arguments ?? call.custom?.input),
        replace(sentence) {
          say(message, sentence);
          const left = message.tool_calls?.filter((each) => each !== call) ?? [];
          if (left.length > 0) message.tool_calls = left;
          else {
            delete message.tool_calls;
            choice.finish_reason = "content_filter";
          }
        },
      });
    }
    if (legacy) {
      calls.push({
        tool: String(legacy.name),
        params: paramsOf(legacy.arguments),
        replace(sentence) {
          say(message, sentence);
          delete message.function_call;
          choice.finish_reason = "content_filter";
        },
      });
    }
  }
  return { texts, calls };
}

/** Says a sentence behind what a message says. */
function say(message: ChatMessage, sentence: string): void {
  const { content } = message;
  message.content = Array.isArray(content)
    ? [...content, { type: "text", text: sentence }]
    : [content, sentence].filter(Boolean).join("\n\n");
}

interface OpenAiResponse {
  readonly output: OutputItem[];
}

/** What a response consists of. */
export interface OutputItem {
  readonly type?: string;
  readonly id?: string;
  readonly name?: string;
  readonly arguments?: string;
  readonly input?: string;
  readonly action?: object;
  readonly actions?: readonly object[];
  readonly operation?: object;
  /** Where a shell runs; null where the application says. */
  readonly environment?: { readonly type?: string } | null;
  readonly content?: readonly Part[];
}

interface Part {
  readonly type: string;
  text?: string;
  refusal?: string;
  /** What it cites. */
  readonly annotations?: unknown;
  readonly citations?: unknown;
}

/** `POST /v1/responses` of OpenAI. */
function responseAnswer(output: OutputItem[]): Answer {
  const texts = output.flatMap((item) => (item?.type === "message" ? textsOf(item.content, "output_text") : []));
  const calls = output.flatMap((item, index): AnswerCall[] => {
    const call = callIn(item);
    if (call === null) return [];
    const replace = (text: string): void => {
      const content = [{ type: "output_text", text, annotations: [] }];
      const id = messageIdOf(item.id);
      output[index] = { id, type: "message", role: "assistant", status: "completed", content } as OutputItem;
    };
    return [{ ...call, replace }];
  });
  return { texts, calls };
}

/** The call in an item of a response that the application is to make; null when there is none. */
export function callIn(item: OutputItem | null): Pick<AnswerCall, "tool" | "params"> | null {
  switch (item?.type) {
    case "function_call":
    case "custom_tool_call":
      return { tool: String(item.name), params: paramsOf(item.arguments ?? item.input) };
    case "apply_patch_call":
      return { tool: "apply_patch", params: item.operation ?? {} };
    case "computer_call":
      return { tool: "computer", params: { actions: item.actions ?? [item.action] } };
    case "local_shell_call":
      return { tool: "local_shell", params: item.action ?? {} };
    case "shell_call":
      return item.environment?.type === "container_reference" ? null : { tool: "shell", params: item.action ?? {} };
    default:
      return null;
  }
}

/** The id of the message in the place of a call. OpenAI takes messages back only with ids that begin like this. */
function messageIdOf(callId: string | undefined): string {
  return `msg_${String(callId).replace(/^[a-z]+_/, "")}`;
}

interface AnthropicMessage {
  readonly type: "message";
  readonly content: ContentBlock[];
  stop_reason?: string;
}

interface ContentBlock {
  readonly type: string;
  text?: string;
  readonly name?: string;
  readonly input?: unknown;
}

/** `POST /v1/messages` of Anthropic. */
function anthropicAnswer(body: AnthropicMessage): Answer {
  const { content } = body;
  const calls = content.flatMap((block, index): AnswerCall[] => {
    if (block?.type !== "tool_use") return [];
    const replace = (text: string): void => {
      content[index] = { type: "text", text };
      if (!content.some((each) => each?.type === "tool_use")) body.stop_reason = "refusal";
    };
    return [{ tool: String(block.name), params: block.input ?? {}, replace }];
  });
  return { texts: textsOf(content, "text"), calls };
}

/** The texts of this type in the parts of a message, with what they cite, and those that refuse. */
function textsOf(parts: unknown, type: string): AnswerText[] {
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part: Part | null) => {
    if (part?.type === type && typeof part.text === "string")
      return [textIn(part, "text", part), ...citedIn(part.annotations), ...citedIn(part.citations)];
    return part?.type === "refusal" && typeof part.refusal === "string" ? [textIn(part, "refusal", part)] : [];
  });
}

/** Where citations have texts of what they cite. */
const CITED = ["cited_text", "document_title", "title"] as const;

interface Citation {
  cited_text?: string;
  document_title?: string;
  title?: string;
  /** Where chats have all of it. */
  readonly url_citation?: Citation;
}

/** The texts in citations, in the form of whichever API. */
export function citedIn(citations: unknown): AnswerText[] {
  if (!Array.isArray(citations)) return [];
  return citations.flatMap((citation: Citation | null) => {
    const cited = citation?.url_citation ?? citation ?? {};
    return CITED.flatMap((name) => (typeof cited[name] === "string" ? [textIn(cited, name, cited)] : []));
  });
}

/** The text of a property, and where the probabilities of its tokens are, which would show what was replaced. */
function textIn<K extends string>(
  owner: { [key in K]?: string | null },
  key: K,
  probable: object & { logprobs?: unknown },
): AnswerText {
  const text = owner[key] ?? "";
  return {
    text,
    replace(other) {
      if (other === text) return;
      owner[key] = other;
      delete probable.logprobs;
    },
  };
}
