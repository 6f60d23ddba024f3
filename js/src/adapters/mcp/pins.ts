import { hex } from "../../bytes.js";
import { sha256 } from "../../sha256.js";
import type { McpTool } from "./types.js";

/**
 * The pin of each tool, to be kept and given to a guard: a hash of all that a model or a person is shown of it. The order of keys
 * does not matter.
 */
export function pinsOf(tools: readonly McpTool[]): Record<string, string> {
  return Object.fromEntries(tools.map((tool) => [tool.name, pinOf(tool)]));
}

/** The pin of a tool, such as `sha256:…`. */
export function pinOf(tool: McpTool): string {
  const bytes = sha256(new TextEncoder().encode(JSON.stringify(shownOf(tool), withSortedKeys)));
  return `sha256:${hex(bytes)}`;
}

/** What a model or a person is shown of a tool. */
export function shownOf({ name, title, description, inputSchema, outputSchema, annotations }: McpTool): McpTool {
  return { name, title, description, inputSchema, outputSchema, annotations };
}

/** What tools were when they were trusted. */
export class ToolPins {
  readonly #pins: Map<string, string>;
  readonly #areGiven: boolean;

  constructor(pins: Readonly<Record<string, string>> | undefined) {
    this.#pins = new Map(Object.entries(pins ?? {}));
    this.#areGiven = pins !== undefined;
  }

  /** What is wrong with a tool, if anything; one that is seen for the first time is pinned unless pins were given. */
  problemOf(tool: string, pin: string): "changed" | "unknown" | null {
    const pinned = this.#pins.get(tool);
    if (pinned !== undefined) return pinned === pin ? null : "changed";
    if (this.#areGiven) return "unknown";
    this.#pins.set(tool, pin);
    return null;
  }
}

function withSortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
