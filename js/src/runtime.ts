/** Where the package runs, as events say it. */
export type Runtime = "node" | "deno" | "bun" | "workerd" | "edge-light" | "browser" | "other";

/** What tells runtimes apart. */
interface Scope {
  readonly Deno?: unknown;
  readonly Bun?: unknown;
  readonly EdgeRuntime?: unknown;
  readonly WebSocketPair?: unknown;
  readonly document?: unknown;
  readonly WorkerGlobalScope?: unknown;
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/**
 * Names the runtime. workerd comes first, since it can look like Node; a page comes before Node, since bundlers give pages
 * a `process`. A browser's worker is a browser.
 */
export function runtimeOf(scope: Scope = globalThis as Scope): Runtime {
  if (scope.navigator?.userAgent === "Cloudflare-Workers" || scope.WebSocketPair !== undefined) return "workerd";
  if (scope.EdgeRuntime !== undefined) return "edge-light";
  if (scope.document !== undefined) return "browser";
  if (scope.Deno !== undefined) return "deno";
  if (scope.Bun !== undefined) return "bun";
  if (scope.process?.versions?.node !== undefined) return "node";
  return scope.WorkerGlobalScope === undefined ? "other" : "browser";
}

/** The address of the page; null where there is none. */
export function pageAddress(runtime: Runtime): string | null {
  return runtime === "browser" ? (globalThis.location?.href ?? null) : null;
}
