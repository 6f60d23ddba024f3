import type { Actor, ToolGuardOptions } from "../guarding.js";

/** Middleware of LangChain, for `createAgent`. */
export interface RuneMiddleware {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: types of LangChain, which are not imported
  wrapToolCall(request: any, handler: any): Promise<any>;
}

/** How agents of LangChain are guarded. */
export interface RuneMiddlewareOptions extends ToolGuardOptions {
  /** Says by the runtime of an agent (its `context`, `configurable` …) who acts; what it leaves out is as the other options say. */
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly actorOf?: ((runtime: any) => Actor) | undefined;
}

/** A call of a tool, as LangChain hands it to middleware. */
export interface ToolCallRequest {
  readonly toolCall: { readonly name: string };
  readonly tool: InvokableTool | undefined;
  readonly runtime?: { readonly configurable?: { readonly thread_id?: unknown } };
}

/** What is used of a tool. */
export interface InvokableTool {
  invoke(input: { readonly args?: unknown }, config?: unknown): Promise<unknown>;
}

/** What is used of a message that tells a model what a tool returned. */
export interface ToolMessage {
  readonly content: unknown;
  readonly tool_call_id: string;
  status?: "success" | "error";
}
