import type { ToolGuardOptions } from "../guarding.js";

/** What a guard needs of a client: `Client` of `@modelcontextprotocol/sdk` is one. */
export interface RequestingClient {
  // biome-ignore lint/suspicious/noExplicitAny: the answer's type comes from the schema that is passed
  request(request: any, schema: any, options?: any): Promise<any>;
}

/** What a guard needs of a server: `Server` and `McpServer` of `@modelcontextprotocol/sdk` are such. */
export interface ConnectingServer {
  readonly server?: ConnectingServer;
  // biome-ignore lint/suspicious/noExplicitAny: a transport of the SDK, whose messages have types of their own
  connect(transport: any): Promise<void>;
}

/** A message of JSON-RPC: a request has a method and an id, a notification only a method, an answer only an id. */
export interface McpMessage {
  readonly jsonrpc: "2.0";
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly requestId?: unknown };
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A transport of `@modelcontextprotocol/sdk`, as far as it is used. */
export interface McpTransport {
  readonly sessionId?: string | undefined;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: McpMessage, extra?: unknown) => void) | undefined;
  start(): Promise<void>;
  send(message: McpMessage, options?: unknown): Promise<void>;
  close(): Promise<void>;
  setProtocolVersion?(version: string): void;
}

/** A tool as a server describes it; what else it says is not shown to models. */
export interface McpTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema?: unknown;
  readonly outputSchema?: unknown;
  readonly annotations?: unknown;
}

/** What is wrong with a tool that a server offers. */
export interface ToolReport {
  /** Its name, as the server says it. */
  readonly tool: string;
  /** `changed`: not what was pinned. `unknown`: pins are given, and none for it. `blocked`: something in its description blocks. */
  readonly problem: "changed" | "unknown" | "blocked";
  /** The pin of what the server offers now. */
  readonly pin: string;
  /** Whether it is kept from the model. */
  readonly isRefused: boolean;
}

/** How MCP clients and servers are guarded. */
export interface McpGuardOptions extends ToolGuardOptions {
  /** What `pinsOf` said of the tools that are trusted. Default: each tool is pinned as it is first offered. */
  readonly pins?: Readonly<Record<string, string>> | undefined;
  /** What becomes of tools that are not what was pinned. Default `"report"`. */
  readonly onChangedTool?: "report" | "refuse" | undefined;
  /** Called once for each tool, and again when it changes. Default: prints a warning. */
  readonly onToolReport?: ((report: ToolReport) => void) | undefined;
}
