import { ShieldBlockedError } from "../errors.js";
import type { Guarding, ToolGuardOptions } from "./guarding.js";

/** A call of a tool, as a framework makes it. */
export interface ToolCall<Answer> {
  /** Its arguments. */
  readonly params: unknown;
  /** Makes the call. */
  readonly run: () => PromiseLike<Answer>;
  /** What a model is shown of an answer. */
  readonly readableOf: (answer: Answer) => unknown;
  /** Answers in the form of the framework when the call, or what it returned, blocks. */
  readonly deny: (error: ShieldBlockedError) => Answer | PromiseLike<Answer>;
}

/** Makes a call as a protected one: by the policies before it runs, and its answer is scanned before anybody has it. */
export async function guardedCall<Answer>(
  shield: Guarding,
  { agentId, agentTags, sessionId, policies, action }: ToolGuardOptions,
  tool: string,
  { params, run, readableOf, deny }: ToolCall<Answer>,
): Promise<Answer> {
  let answer: Answer | undefined;
  const call = shield.protect({
    action: action?.(tool) ?? tool,
    params: () => params,
    agentId,
    agentTags,
    policies,
    sessionId,
    async: true,
    onBlock: "raise",
  })(async () => {
    answer = await run();
    return readableOf(answer);
  });
  try {
    await call();
  } catch (error) {
    if (ShieldBlockedError.isInstance(error)) return deny(error);
    throw error;
  }
  return answer as Answer;
}
