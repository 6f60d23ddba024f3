import type { Actor, ToolGuardOptions } from "../guarding.js";

/** How tools of the OpenAI Agents SDK are guarded. */
export interface ToolGuardrailOptions extends ToolGuardOptions {
  /** Says by the context of a run (`run(agent, input, { context })`) who acts; what it leaves out is as the other options say. */
  // biome-ignore lint/suspicious/noExplicitAny: the context is the application's
  readonly actorOf?: ((context: any) => Actor) | undefined;
  /** Whether the judge of the Shield is asked about results, and waited for. Default false. */
  readonly asksJudge?: boolean | undefined;
}

/** Guardrails of a tool, for `tool({ …, ...guardrails })`. */
export interface ToolGuardrails {
  readonly inputGuardrails: ToolGuardrail<"tool_input">[];
  readonly outputGuardrails: ToolGuardrail<"tool_output">[];
}

/** A guardrail, as the SDK defines it. */
export interface ToolGuardrail<Type> {
  readonly type: Type;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: types of the SDK, which are not imported
  run(call: any): Promise<GuardrailOutput>;
}

/** What a guardrail says of a call: that it may be, or what to tell the model in the place of its result. */
export interface GuardrailOutput {
  readonly behavior: { readonly type: "allow" } | { readonly type: "rejectContent"; readonly message: string };
  readonly outputInfo?: unknown;
}

/** A call of a tool, as the SDK hands it to guardrails; it has an output when the tool has run. */
export interface GuardedCall {
  readonly context: { readonly context: unknown };
  readonly toolCall: { readonly name: string; readonly arguments: string };
  readonly output?: unknown;
}
