import { BOOLEAN, CALLBACK, type Expectation } from "../../expectation.js";
import type { Denial } from "../../types.js";
import { callDenial, scanDenial } from "../denial.js";
import type { Actor, Guarding } from "../guarding.js";
import { checkCall, TOOL_GUARD } from "../options.js";
import { paramsOf } from "../tool-params.js";
import { withoutMedia } from "../without-bytes.js";
import type { GuardedCall, GuardrailOutput, ToolGuardrailOptions, ToolGuardrails } from "./types.js";

const OPTIONS: Readonly<Record<string, Expectation>> = { ...TOOL_GUARD, actorOf: CALLBACK, asksJudge: BOOLEAN };
const NAME = "rune";

/**
 * Guardrails for tools of the OpenAI Agents SDK, which any number of tools may share: calls go by the policies before they run, and what
 * they return is scanned before the model has it. The model is told a denial in the place of a result.
 *
 * @throws {ConfigurationError} when an argument or option is not what it must be
 */
export function toolGuardrails(shield: Guarding, options: ToolGuardrailOptions = {}): ToolGuardrails {
  checkCall("toolGuardrails", shield, options, OPTIONS);
  const { policies, action, asksJudge } = options;

  async function checkCallOf(call: GuardedCall): Promise<GuardrailOutput> {
    const { name, arguments: json } = call.toolCall;
    const tool = action?.(name) ?? name;
    const result = await shield.validateActionAsync({
      ...actorIn(call, options),
      policies,
      action: tool,
      params: paramsOf(json),
    });
    return outputOf(result.blocked ? callDenial(result) : null);
  }

  async function checkResultOf(call: GuardedCall): Promise<GuardrailOutput> {
    const context = { ...actorIn(call, options), source: `openai-agents ${call.toolCall.name}` };
    // As a part of something, what holds no text is no mistake.
    const content = [withoutMedia(call.output)];
    const scan = asksJudge
      ? await shield.scanDeep(content, { ...context, direction: "output" })
      : shield.scanOutput(content, context);
    return outputOf(scan.blocked ? scanDenial(scan, "the result of the call") : null);
  }

  return {
    inputGuardrails: [{ type: "tool_input", name: NAME, run: checkCallOf }],
    outputGuardrails: [{ type: "tool_output", name: NAME, run: checkResultOf }],
  };
}

function actorIn({ context }: GuardedCall, { agentId, agentTags, sessionId, actorOf }: ToolGuardrailOptions): Actor {
  return { agentId, agentTags, sessionId, ...actorOf?.(context.context) };
}

function outputOf(denial: Denial | null): GuardrailOutput {
  if (denial === null) return { behavior: { type: "allow" } };
  return { behavior: { type: "rejectContent", message: JSON.stringify(denial) }, outputInfo: denial };
}
