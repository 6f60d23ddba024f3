import type { Actor } from "../guarding.js";

/** Middleware of the AI SDK, for `wrapLanguageModel`. */
export interface RuneMiddleware {
  readonly specificationVersion: "v4";
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own types, which are not imported
  wrapGenerate(options: any): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  wrapStream(options: any): Promise<any>;
}

/** How language models are guarded. */
export interface RuneMiddlewareOptions extends Actor {
  /** Restricts what is asked about calls of tools to these documents and rules. */
  readonly policies?: readonly string[] | undefined;
  /** Whether the judge of the Shield is asked about prompts, and waited for. Default false. */
  readonly asksJudge?: boolean | undefined;
  /** Keeps a Worker going until events are delivered: `(promise) => ctx.waitUntil(promise)`. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/** A message of a prompt. */
export interface PromptMessage {
  readonly role: string;
  readonly content: unknown;
}

/** A part of an answer. */
export interface AnswerPart {
  readonly type: string;
  readonly id?: string;
  readonly text?: string;
  readonly delta?: string;
  readonly toolCallId?: string;
  readonly toolName?: string;
  readonly input?: string;
  readonly providerExecuted?: boolean;
  readonly finishReason?: FinishReason;
  readonly providerMetadata?: ProviderMetadata;
}

/** What providers say beside an answer, by their names; some are named and say nothing. */
export type ProviderMetadata = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** Why an answer ended. */
export interface FinishReason {
  readonly unified: string;
  readonly raw: string | undefined;
}

/** An answer as a whole. */
export interface WholeAnswer {
  readonly content: readonly AnswerPart[];
  readonly structuredOutputText?: string;
  readonly response?: { readonly body?: unknown };
  readonly finishReason: FinishReason;
  readonly providerMetadata?: ProviderMetadata;
}
