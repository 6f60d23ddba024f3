import { denialBy, RuneError } from "../../errors.js";
import { printWarning } from "../../notices.js";
import type { Denial, ScanResult } from "../../types.js";
import { scanDenial } from "../denial.js";
import { guardedCall } from "../guarded-call.js";
import type { Guarding } from "../guarding.js";
import { withoutBytes } from "../without-bytes.js";
import { pinOf, shownOf, ToolPins } from "./pins.js";
import type { McpGuardOptions, McpTool, ToolReport } from "./types.js";

/** A request of MCP. */
export interface McpRequest {
  readonly method: string;
  readonly params?: { readonly name?: unknown; readonly arguments?: unknown } | undefined;
}

/** What is read of an answer. */
interface McpAnswer {
  readonly tools?: readonly McpTool[];
  readonly content?: unknown;
  readonly contents?: unknown;
}

/** Stands between requests and their answers, on whichever side it is put. */
export class McpGuard {
  readonly #shield: Guarding;
  readonly #options: McpGuardOptions;
  readonly #pins: ToolPins;
  /** The denial of each tool that is kept from the model, by name. */
  readonly #refused = new Map<string, Denial>();
  /** What was reported last of each tool. */
  readonly #reported = new Map<string, string>();

  constructor(shield: Guarding, options: McpGuardOptions) {
    this.#shield = shield;
    this.#options = options;
    this.#pins = new ToolPins(options.pins);
  }

  /**
   * Answers a request by `run`, or in its place.
   *
   * @throws {RuneError} (as a rejection) `blocked` when a resource or prompt blocks, for which MCP has no other form
   */
  async answer(request: McpRequest, run: () => Promise<unknown>, sessionId: string | undefined): Promise<unknown> {
    switch (request.method) {
      case "tools/list":
        return this.#listTools((await run()) as McpAnswer, sessionId);
      case "tools/call":
        return this.#callTool(request, run, sessionId);
      case "tasks/result": {
        const answer = await run();
        const scan = this.#scan(readableOf(answer), request.method, sessionId);
        return scan.blocked ? deniedBy(scanDenial(scan, "the result of the task")) : answer;
      }
      case "resources/read":
      case "prompts/get": {
        const answer = await run();
        const scan = this.#scan(readableOf(answer), request.method, sessionId);
        if (!scan.blocked) return answer;
        throw new RuneError("blocked", `blocked: ${scanDenial(scan, `the answer to \`${request.method}\``).message}`);
      }
      default:
        return run();
    }
  }

  async #callTool(
    { params }: McpRequest,
    run: () => Promise<unknown>,
    sessionId: string | undefined,
  ): Promise<unknown> {
    const tool = String(params?.name);
    const refused = this.#refused.get(tool);
    if (refused !== undefined) return deniedBy(refused);
    return guardedCall(this.#shield, { ...this.#options, sessionId }, tool, {
      params: params?.arguments ?? {},
      run,
      readableOf,
      deny: (error) => deniedBy(error.toDenial()),
    });
  }

  #listTools(answer: McpAnswer, sessionId: string | undefined): unknown {
    if (!Array.isArray(answer?.tools)) return answer;
    return { ...answer, tools: answer.tools.filter((tool) => this.#admits(tool, sessionId)) };
  }

  /** Whether a tool may be offered to the model. */
  #admits(tool: McpTool, sessionId: string | undefined): boolean {
    const pin = pinOf(tool);
    const shown = { ...shownOf(tool), parameters: parametersOf(tool) };
    const scan = this.#scan(shown, "tools/list", sessionId);
    const problem = scan.blocked ? "blocked" : this.#pins.problemOf(tool.name, pin);
    const isRefused = scan.blocked || (problem !== null && this.#options.onChangedTool === "refuse");
    this.#refused.delete(tool.name);
    if (scan.blocked) this.#refused.set(tool.name, scanDenial(scan, "the description of the tool"));
    else if (isRefused) this.#refused.set(tool.name, denialBy([], CHANGED));
    if (problem !== null) this.#report({ tool: tool.name, problem, pin, isRefused });
    return !isRefused;
  }

  #report(report: ToolReport): void {
    const { tool, problem, pin, isRefused } = report;
    if (this.#reported.get(tool) === `${problem} ${pin}`) return;
    this.#reported.set(tool, `${problem} ${pin}`);
    const { onToolReport } = this.#options;
    if (onToolReport !== undefined) onToolReport(report);
    else
      printWarning(`the MCP tool ${JSON.stringify(tool)} ${PROBLEMS[problem]}${isRefused ? ", and is refused" : ""}`);
  }

  #scan(content: unknown, source: string, sessionId: string | undefined): ScanResult {
    const { agentId, agentTags } = this.#options;
    return this.#shield.scanInput(content, { agentId, agentTags, sessionId, source: `mcp ${source}` });
  }
}

const CHANGED = { kind: "tool_changed", message: "the tool is not the one that was pinned" };

const PROBLEMS = {
  changed: "is not what it was when it was pinned",
  unknown: "is not among those that were pinned",
  blocked: "has a description that blocks",
} as const satisfies Record<ToolReport["problem"], string>;

/** An answer without the bytes in it, which are base64 and hold no text that a model reads as such. */
function readableOf(answer: unknown): unknown {
  const { content, contents } = (answer ?? {}) as McpAnswer;
  const parts = [content, contents].filter(Array.isArray);
  return parts.length === 0 ? answer : { ...(answer as object), content: textOf(content), contents: textOf(contents) };
}

function textOf(parts: unknown): unknown {
  return Array.isArray(parts) ? parts.map(withoutBytes) : parts;
}

function parametersOf({ inputSchema }: McpTool): readonly string[] {
  const { properties } = (inputSchema ?? {}) as { readonly properties?: object };
  return Object.keys(properties ?? {});
}

/** A denial as MCP tells a model that a call came to nothing. */
function deniedBy(denied: Denial): object {
  return { content: [{ type: "text", text: JSON.stringify(denied) }], isError: true };
}
