// Calls a tool of an MCP server through a guard: node mcp-client.mjs read_page '{"url":"…"}' npx some-mcp-server
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { Shield } from "@runesec/scanner";
import { guardClient } from "@runesec/scanner/mcp";

const [name, json, command, ...args] = process.argv.slice(2);
const client = guardClient(new Client({ name: "example", version: "1.0.0" }), new Shield(), { agentId: "reader" });
await client.connect(new StdioClientTransport({ command, args }));
const { tools } = await client.listTools();
console.log(`tools: ${tools.map((tool) => tool.name).join(", ")}`);
const { content, isError } = await client.callTool({ name, arguments: JSON.parse(json) });
console.log(isError ? "refused:" : "answer:", content[0].text);
await client.close();
