import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came in. */
export interface ModelRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** The nonce that the answer must repeat. */
  readonly nonce: string;
}

/** Answers a request in any way it likes. */
export type Answering = (request: ModelRequest, response: ServerResponse, incoming: IncomingMessage) => void;

/** A real server on this machine that answers as APIs of models do. */
export interface ModelServer {
  readonly url: string;
  readonly requests: readonly ModelRequest[];
  /** How many connections are open. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a server. */
export async function startModelServer(answering: Answering): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  const server = createServer((incoming, response) => {
    let text = "";
    incoming.setEncoding("utf8");
    incoming.on("error", () => {});
    response.on("error", () => {});
    incoming.on("data", (part: string) => {
      text += part;
    });
    incoming.on("end", () => {
      const [, nonce = ""] = /\\"nonce\\": \\"([^"\\]+)\\"/.exec(text) ?? [];
      const { url: path = "", headers } = incoming;
      const request = { path, headers, body: JSON.parse(text || "{}") as Record<string, unknown>, nonce };
      requests.push(request);
      answering(request, response, incoming);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** What a model has written, in the shape of OpenAI. */
export function openaiAnswer(content: string | null, more: object = {}): object {
  return {
    id: "x",
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content, ...more }, finish_reason: "stop" }],
  };
}

/** The same in the shape of Anthropic. */
export function anthropicAnswer(text: string, stopReason = "end_turn"): object {
  return { id: "x", type: "message", role: "assistant", content: [{ type: "text", text }], stop_reason: stopReason };
}
