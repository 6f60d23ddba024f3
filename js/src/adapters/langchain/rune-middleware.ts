import { ConfigurationError } from "../../errors.js";
import { CALLBACK, type Expectation } from "../../expectation.js";
import { guardedCall } from "../guarded-call.js";
import type { Guarding, ToolGuardOptions } from "../guarding.js";
import { checkCall, TOOL_GUARD } from "../options.js";
import { withoutMedia } from "../without-bytes.js";
import type { InvokableTool, RuneMiddleware, RuneMiddlewareOptions, ToolCallRequest, ToolMessage } from "./types.js";

const OPTIONS: Readonly<Record<string, Expectation>> = { ...TOOL_GUARD, actorOf: CALLBACK };

/**
 * Middleware for `createAgent` of LangChain 1, to stand last in its list: calls of tools go by the policies as the middleware before it
 * leaves them, and what they return is scanned before the model has it. The model is told a denial in a tool message of the status
 * `error`.
 *
 * @throws {ConfigurationError} when an argument or option is not what it must be
 */
export function runeMiddleware(shield: Guarding, options: RuneMiddlewareOptions = {}): RuneMiddleware {
  checkCall("runeMiddleware", shield, options, OPTIONS);
  return {
    name: "rune",
    async wrapToolCall(request: ToolCallRequest, handler: (request: ToolCallRequest) => Promise<ToolMessage>) {
      const { tool, toolCall } = request;
      // A tool that there is not: LangChain tells the model so.
      if (tool === undefined) return handler(request);
      const call = { isGuarded: false, isDenied: false };
      const invoke: InvokableTool["invoke"] = (input, config) => {
        call.isGuarded = true;
        return guardedCall<unknown>(shield, actingIn(request, options), toolCall.name, {
          params: input.args ?? {},
          run: () => tool.invoke(input, config),
          readableOf,
          deny: (error) => {
            call.isDenied = true;
            return JSON.stringify(error.toDenial());
          },
        });
      };
      // LangChain makes the message: its class is not imported here.
      const message = await handler({ ...request, tool: Object.create(tool, { invoke: { value: invoke } }) });
      if (!call.isGuarded) throw new ConfigurationError(PASSED_BY);
      if (call.isDenied) message.status = "error";
      return message;
    },
  };
}

const PASSED_BY =
  "`runeMiddleware` was passed by in a call of a tool: it must be the last middleware of its agent, and `langchain` 1.2.17 or newer";

/** Who acts; a session is a thread unless it is said to be something else. */
function actingIn({ runtime }: ToolCallRequest, options: RuneMiddlewareOptions): ToolGuardOptions {
  const thread = runtime?.configurable?.thread_id;
  const sessionId = typeof thread === "string" ? thread : undefined;
  return { ...options, sessionId: options.sessionId ?? sessionId, ...options.actorOf?.(runtime) };
}

/** What the model is shown of an answer: of a message its content, not what is kept beside it. */
function readableOf(answer: unknown): unknown {
  const { content, getType } = (answer ?? {}) as Partial<ToolMessage> & { readonly getType?: unknown };
  return withoutMedia(typeof getType === "function" ? content : answer);
}
