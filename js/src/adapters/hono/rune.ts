import type { WaitUntil } from "../../http/wait-until.js";
import { HttpGuard } from "../http/http-guard.js";
import type { HttpGuardOptions } from "../http/types.js";

/** What is used of Hono's context. */
export interface HonoContext {
  readonly req: { raw: Request };
  // biome-ignore lint/suspicious/noExplicitAny: the bindings are the application's
  readonly env: any;
  readonly executionCtx: { waitUntil(promise: Promise<unknown>): void };
  get res(): Response;
  set res(response: Response | undefined);
}

/**
 * Middleware of Hono for routes that talk to models; it does what `withRune` of `@runesec/scanner/cloudflare` does.
 *
 * @throws {ConfigurationError} when an option is missing, unknown or ill-typed
 */
export function rune(options: HttpGuardOptions): (context: HonoContext, next: () => Promise<void>) => Promise<void> {
  const guard = new HttpGuard("rune", options);
  return async (context, next) => {
    const exchange = { request: context.req.raw, env: context.env, waitUntil: waitUntilOf(context) };
    let answered: Response | undefined;
    const response = await guard.answer(exchange, async (request) => {
      context.req.raw = request;
      await next();
      answered = context.res;
      return answered;
    });
    if (response === answered) return;
    // Hono adds the headers of the response that was there: wanted when they were set on the way in, but not those of another body.
    if (answered !== undefined) context.res = undefined;
    context.res = response;
  };
}

/** Only Workers have one, and Hono throws elsewhere. */
function waitUntilOf(context: HonoContext): WaitUntil | undefined {
  try {
    const { executionCtx } = context;
    return (promise) => executionCtx.waitUntil(promise);
  } catch {
    return undefined;
  }
}
