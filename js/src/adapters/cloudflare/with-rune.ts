import { ConfigurationError } from "../../errors.js";
import { kindOf } from "../../expectation.js";
import type { WaitUntil } from "../../http/wait-until.js";
import { HttpGuard } from "../http/http-guard.js";
import type { HttpGuardOptions } from "../http/types.js";

/** What answers the requests to a Worker. */
// biome-ignore lint/suspicious/noExplicitAny: Cloudflare's types, which are not imported
export type FetchHandler = (request: any, env: any, ctx: any) => any;

/**
 * Guards a Worker that talks to models: the messages in requests are scanned before the Worker sees them, its answers,
 * whole or streamed, before the client does, and the calls of tools in them go by the policies. Requests and answers that are not those of OpenAI, Anthropic or
 * the AI SDK pass as they are.
 *
 * @param handler a `fetch` function, or an object with one
 * @returns the same, guarded
 * @throws {ConfigurationError} when the handler is none, or an option is missing, unknown or ill-typed
 */
export function withRune<H extends FetchHandler | { readonly fetch: FetchHandler }>(
  handler: H,
  options: HttpGuardOptions,
): H {
  const fetch: unknown = typeof handler === "function" ? handler : handler?.fetch;
  if (typeof fetch !== "function")
    throw new ConfigurationError(`\`withRune\` guards a Worker with a \`fetch\` handler, got ${kindOf(handler)}`);
  const guard = new HttpGuard("withRune", options);
  const guarded: FetchHandler = (request: Request, env: unknown, ctx: { waitUntil: WaitUntil } | undefined) => {
    const waitUntil = ctx === undefined ? undefined : (promise: Promise<unknown>): void => ctx.waitUntil(promise);
    return guard.answer({ request, env, waitUntil }, async (asked) => fetch.call(handler, asked, env, ctx));
  };
  return (typeof handler === "function" ? guarded : { ...handler, fetch: guarded }) as H;
}
