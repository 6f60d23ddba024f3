import type { PolicyResult, ProtectOptions, ScanContext, ScanResult, ScanStream, ToolAction } from "../types.js";

/** What adapters of frameworks need of a Shield. */
export interface Guarding {
  scanInput(content: unknown, context?: ScanContext): ScanResult;
  scanOutput(content: unknown, context?: ScanContext): ScanResult;
  scanDeep(content: unknown, context?: ScanContext): Promise<ScanResult>;
  validateActionAsync(action: ToolAction): Promise<PolicyResult>;
  scanStream(context?: ScanContext): ScanStream;
  redact(text: string): string;
  // biome-ignore lint/suspicious/noExplicitAny: any function is a function that can be protected
  protect(options?: ProtectOptions): <F extends (...args: any[]) => unknown>(fn: F) => F;
}

/** Who acts, as policies and events see it. */
export interface Actor {
  /** Default: the Shield's `defaultAgentId`. */
  readonly agentId?: string | undefined;
  /** Default: the Shield's `defaultAgentTags`. */
  readonly agentTags?: readonly string[] | undefined;
  readonly sessionId?: string | undefined;
}

/** How calls of tools are guarded. */
export interface ToolGuardOptions extends Actor {
  /** Restricts evaluation to these documents and rules. */
  readonly policies?: readonly string[] | undefined;
  /** What policies call a tool, such as `(tool) => "github." + tool`. Default: its name. */
  readonly action?: ((tool: string) => string) | undefined;
}
