import { ConfigurationError } from "../../errors.js";
import { CALLBACK, type Expectation, kindOf, oneOf } from "../../expectation.js";
import type { Guarding } from "../guarding.js";
import { checkCall, TOOL_GUARD } from "../options.js";
import { GuardedTransport } from "./guarded-transport.js";
import { McpGuard, type McpRequest } from "./mcp-guard.js";
import type { ConnectingServer, McpGuardOptions, McpTransport, RequestingClient } from "./types.js";

const OPTIONS: Readonly<Record<string, Expectation>> = {
  ...TOOL_GUARD,
  pins: {
    expected: "an object of pins by tool, as `pinsOf` returns",
    accepts: (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((pin) => typeof pin === "string" && /^sha256:[0-9a-f]{64}$/.test(pin)),
  },
  onChangedTool: oneOf(["report", "refuse"]),
  onToolReport: CALLBACK,
};

/**
 * Guards an MCP client in place: its tools are scanned and pinned as they are listed, calls go by the policies, and what they return
 * is scanned, as are resources and prompts. A call that is denied is answered with `isError: true` and a denial to read.
 *
 * @param client a `Client` of `@modelcontextprotocol/sdk`
 * @returns the same client
 * @throws {ConfigurationError} when an argument or option is not what it must be
 */
export function guardClient<C extends RequestingClient>(client: C, shield: Guarding, options: McpGuardOptions = {}): C {
  if (typeof client?.request !== "function")
    throw new ConfigurationError(`\`guardClient\` needs a client of MCP, got ${kindOf(client)}`);
  checkCall("guardClient", shield, options, OPTIONS);
  const guard = new McpGuard(shield, options);
  const request = client.request.bind(client);
  return Object.assign(client, {
    request: (asked: McpRequest, schema: unknown, rest?: unknown) =>
      guard.answer(asked, () => request(asked, schema, rest), options.sessionId),
  });
}

/**
 * Guards an MCP server in place, likewise, before it is connected. The session of a call is that of its transport unless `sessionId` is
 * given.
 *
 * @param server an `McpServer` or `Server` of `@modelcontextprotocol/sdk`
 * @returns the same server
 * @throws {ConfigurationError} when an argument or option is not what it must be
 */
export function guardServer<S extends ConnectingServer>(server: S, shield: Guarding, options: McpGuardOptions = {}): S {
  if (typeof server?.connect !== "function")
    throw new ConfigurationError(`\`guardServer\` needs a server of MCP, got ${kindOf(server)}`);
  checkCall("guardServer", shield, options, OPTIONS);
  const guard = new McpGuard(shield, options);
  // An `McpServer` has its `Server` connect, which can also be told to do so itself.
  const inner: ConnectingServer = server.server ?? server;
  const connect = inner.connect.bind(inner);
  Object.assign(inner, {
    connect: (transport: McpTransport) => connect(new GuardedTransport(transport, guard, options.sessionId)),
  });
  return server;
}
