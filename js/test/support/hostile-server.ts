import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A way in which a server can disappoint. */
export type Failure =
  | "drop"
  | "hang"
  | "busy"
  | "busyUntil"
  | "broken"
  | "timeOut"
  | "garbage"
  | "redirect"
  | "portal"
  | "wrongAnswer"
  | "endless"
  | "slow"
  | "cut";

type Misbehave = (request: IncomingMessage, response: ServerResponse) => void;

const ACCEPTED = '{"accepted":1}';

const FAILURES: Readonly<Record<Failure, Misbehave>> = {
  drop: (request) => request.socket.destroy(),
  hang: () => {},
  busy: (_, response) => response.writeHead(429, { "retry-after": "0" }).end(),
  busyUntil: (_, response) => response.writeHead(429, { "retry-after": new Date(0).toUTCString() }).end(),
  broken: (_, response) =>
    response.writeHead(500, { "content-type": "text/html" }).end("<h1>Internal Server Error</h1>"),
  timeOut: (_, response) => response.writeHead(408).end(),
  garbage: (request) => request.socket.end("\x00\x01 this is not HTTP\r\n\r\n"),
  redirect: (_, response) => response.writeHead(307, { location: "/elsewhere" }).end(),
  portal: (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Please log in</h1>"),
  wrongAnswer: (_, response) =>
    response.writeHead(202, { "content-type": "application/json" }).end('{"accepted":"all"}'),
  endless: (_, response) => {
    response.writeHead(202);
    const write = (): void => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
    };
    response.on("drain", write);
    write();
  },
  slow: (_, response) => {
    response.writeHead(202);
    let sent = 0;
    const timer = setInterval(() => {
      if (response.destroyed) clearInterval(timer);
      else response.write(ACCEPTED[sent++] ?? " ");
    }, 100);
  },
  cut: (request, response) => {
    response.writeHead(202, { "content-length": "1000" }).write('{"accepted":');
    setTimeout(() => request.socket.destroy(), 5);
  },
};

/** A refusal; events do not survive one, so it is not among those above. */
const UNAUTHORIZED: Misbehave = (_, response) => response.writeHead(401).end();

/** Those that fail after the events were taken, so that they come again. */
const TOO_LATE: ReadonlySet<Failure> = new Set(["wrongAnswer", "endless", "slow", "cut"]);

export const EVERY_FAILURE = Object.keys(FAILURES) as readonly Failure[];

/** A real server of events and policies on this machine, which fails when it is told to. */
export interface HostileServer {
  readonly url: string;
  /** How often each event arrived, by its id. */
  readonly arrived: ReadonlyMap<string, number>;
  /** The JSON text of the events that arrived, by id; it must be the same each time. */
  readonly texts: ReadonlyMap<string, ReadonlySet<string>>;
  /** All that came in, as it came: lines, headers and bodies. */
  readonly received: string[];
  requests: number;
  /** Asked before each request what is to go wrong. */
  next: () => Failure | null;
  /** The JSON text that answers who asks for policies, with its hash as ETag. */
  policies: string;
  /** How often they were asked for, and how often nothing was new. */
  syncs: number;
  unchanged: number;
  /** Asked before each of these answers what is to go wrong. */
  nextSync: () => Failure | "unauthorized" | null;
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  restart(): Promise<void>;
}

/** Starts a server. */
export async function startHostileServer(port = 0): Promise<HostileServer> {
  const arrived = new Map<string, number>();
  const texts = new Map<string, Set<string>>();
  const received: string[] = [];
  let server: Server;
  const listen = async (on: number): Promise<number> => {
    server = createServer(answer);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(on, "127.0.0.1", resolve);
    });
    return (server.address() as AddressInfo).port;
  };
  const answerSync = (request: IncomingMessage, response: ServerResponse): void => {
    self.syncs += 1;
    const failure = self.nextSync();
    if (failure === "unauthorized") UNAUTHORIZED(request, response);
    else if (failure !== null) FAILURES[failure](request, response);
    else {
      const etag = `"${createHash("sha256").update(self.policies).digest("hex")}"`;
      const isKnown = request.headers["if-none-match"] === etag;
      if (isKnown) self.unchanged += 1;
      response.writeHead(isKnown ? 304 : 200, { "content-type": "application/json", etag });
      response.end(isKnown ? undefined : self.policies);
    }
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    let body = "";
    request.setEncoding("utf8");
    request.on("error", () => {});
    response.on("error", () => {});
    request.on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      received.push(`${request.method} ${request.url} ${JSON.stringify(request.rawHeaders)} ${body}`);
      if (request.url === "/v1/policies") {
        answerSync(request, response);
        return;
      }
      self.requests += 1;
      const failure = self.next();
      const { events } = JSON.parse(body) as { events: { event_id: string }[] };
      if (failure === null || TOO_LATE.has(failure)) {
        for (const event of events) {
          arrived.set(event.event_id, (arrived.get(event.event_id) ?? 0) + 1);
          texts.set(event.event_id, (texts.get(event.event_id) ?? new Set()).add(JSON.stringify(event)));
        }
      }
      if (failure !== null) FAILURES[failure](request, response);
      else response.writeHead(202, { "content-type": "application/json" }).end(`{"accepted":${events.length}}`);
    });
  };
  const bound = await listen(port);
  const self: HostileServer = {
    url: `http://127.0.0.1:${bound}`,
    arrived,
    texts,
    received,
    requests: 0,
    next: () => null,
    policies: '{"policies":[],"allowlist":[]}',
    syncs: 0,
    unchanged: 0,
    nextSync: () => null,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    async restart() {
      await listen(bound);
    },
  };
  return self;
}
