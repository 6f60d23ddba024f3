/** What MCP clients and servers need beside a Shield. It holds neither the scanner nor its wasm, and imports no SDK. */
export type { Actor, Guarding, ToolGuardOptions } from "../adapters/guarding.js";
export { guardClient, guardServer } from "../adapters/mcp/guards.js";
export { pinsOf } from "../adapters/mcp/pins.js";
export type {
  ConnectingServer,
  McpGuardOptions,
  McpTool,
  RequestingClient,
  ToolReport,
} from "../adapters/mcp/types.js";
