import type { McpGuard, McpRequest } from "./mcp-guard.js";
import type { McpMessage, McpTransport } from "./types.js";

type Listener = NonNullable<McpTransport["onmessage"]>;

/** Who waits for what a server answers to a request. */
interface Waiting {
  resolve(result: unknown): void;
  reject(error: AnsweredError): void;
}

/** A request that a server answers with an error, which is handed on as it is. */
class AnsweredError extends Error {
  readonly answer: unknown;

  constructor(answer: unknown) {
    super("the server answered with an error");
    this.answer = answer;
  }
}

/** The transport of a server, with a guard between the requests that come and the answers that go. */
export class GuardedTransport implements McpTransport {
  readonly #inner: McpTransport;
  readonly #guard: McpGuard;
  readonly #ownSessionId: string | undefined;
  readonly #waiting = new Map<unknown, Waiting>();
  #listener: Listener | undefined;

  constructor(inner: McpTransport, guard: McpGuard, sessionId: string | undefined) {
    this.#inner = inner;
    this.#guard = guard;
    this.#ownSessionId = sessionId;
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  get onclose(): (() => void) | undefined {
    return this.#inner.onclose;
  }

  set onclose(listener: (() => void) | undefined) {
    this.#inner.onclose = () => {
      this.#waiting.clear();
      listener?.();
    };
  }

  get onerror(): ((error: Error) => void) | undefined {
    return this.#inner.onerror;
  }

  set onerror(listener: ((error: Error) => void) | undefined) {
    this.#inner.onerror = listener;
  }

  get onmessage(): Listener | undefined {
    return this.#listener;
  }

  set onmessage(listener: Listener | undefined) {
    this.#listener = listener;
    this.#inner.onmessage = (message, extra) => this.#receive(message, extra);
  }

  start(): Promise<void> {
    return this.#inner.start();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion?.(version);
  }

  async send(message: McpMessage, options?: unknown): Promise<void> {
    const waiting = message.method === undefined ? this.#waiting.get(message.id) : undefined;
    if (waiting === undefined) return this.#inner.send(message, options);
    this.#waiting.delete(message.id);
    if (message.error === undefined) waiting.resolve(message.result);
    else waiting.reject(new AnsweredError(message.error));
  }

  #receive(message: McpMessage, extra: unknown): void {
    if (message.method === "notifications/cancelled") this.#waiting.delete(message.params?.requestId);
    if (message.method === undefined || message.id === undefined) this.#listener?.(message, extra);
    else void this.#answer(message as McpMessage & McpRequest, extra);
  }

  async #answer(message: McpMessage & McpRequest, extra: unknown): Promise<void> {
    const { id } = message;
    const run = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#listener?.(message, extra);
      });
    let outcome: object;
    try {
      outcome = { result: await this.#guard.answer(message, run, this.#ownSessionId ?? this.sessionId) };
    } catch (error) {
      outcome = {
        error: error instanceof AnsweredError ? error.answer : { code: INTERNAL_ERROR, message: messageOf(error) },
      };
    }
    try {
      await this.#inner.send({ jsonrpc: "2.0", id, ...outcome });
    } catch (error) {
      this.onerror?.(error as Error);
    }
  }
}

/** Of JSON-RPC. */
const INTERNAL_ERROR = -32603;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
