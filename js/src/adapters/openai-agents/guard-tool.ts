import { ConfigurationError } from "../../errors.js";
import { CALLBACK, type Expectation, kindOf } from "../../expectation.js";
import { guardedCall } from "../guarded-call.js";
import type { Guarding } from "../guarding.js";
import { checkCall, TOOL_GUARD } from "../options.js";
import { paramsOf } from "../tool-params.js";
import { withoutMedia } from "../without-bytes.js";
import type { AgentsToolOptions, FunctionTool } from "./types.js";

const OPTIONS: Readonly<Record<string, Expectation>> = { ...TOOL_GUARD, actorOf: CALLBACK };

/**
 * Guards a tool of the OpenAI Agents SDK in place: its calls go by the policies before they run, and what they return is scanned before
 * the model has it. The model is told a denial in the place of a result; where results have a schema, what the tool's `errorFunction`
 * makes of it.
 *
 * @param tool a function tool of `@openai/agents`; other tools run at the provider, or by means of their own
 * @returns the same tool
 * @throws {ConfigurationError} when an argument or option is not what it must be
 */
export function guardTool<T extends FunctionTool>(tool: T, shield: Guarding, options: AgentsToolOptions = {}): T {
  if (tool?.type !== "function" || typeof tool.invoke !== "function")
    throw new ConfigurationError(`\`guardTool\` needs a function tool of the Agents SDK, got ${kindOf(tool)}`);
  checkCall("guardTool", shield, options, OPTIONS);
  const invoke = tool.invoke.bind(tool);
  return Object.assign(tool, {
    invoke: (run: { readonly context?: unknown }, input: string, details?: unknown) =>
      guardedCall(shield, { ...options, ...options.actorOf?.(run?.context) }, tool.name, {
        params: paramsOf(input),
        run: () => invoke(run, input, details),
        readableOf: withoutMedia,
        deny: (error) => {
          if (tool.outputSchema === undefined) return JSON.stringify(error.toDenial());
          // As the SDK does when a guardrail of its own rejects.
          if (typeof tool.errorFunction !== "function") throw error;
          return tool.errorFunction(run, error, details);
        },
      }),
  });
}
