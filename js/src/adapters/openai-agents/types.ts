import type { Actor, ToolGuardOptions } from "../guarding.js";

/** What a guard needs of a tool: what `tool()` of `@openai/agents` makes, and `asTool()` of an agent, is one. */
export interface FunctionTool {
  readonly type: "function";
  readonly name: string;
  readonly outputSchema?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: types of the SDK, which are not imported
  readonly errorFunction?: any;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  invoke(context: any, input: string, details?: any): Promise<any>;
}

/** How tools of the Agents SDK are guarded. */
export interface AgentsToolOptions extends ToolGuardOptions {
  /** Says by the context of a run (`run(agent, input, { context })`) who acts; what it leaves out is as the other options say. */
  // biome-ignore lint/suspicious/noExplicitAny: the context is the application's
  readonly actorOf?: ((context: any) => Actor) | undefined;
}
