import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { CaseResult } from "../shared/run.js";
import { PROJECT } from "./project.js";

/** A running workerd. */
export interface Workerd {
  /** Sends a request to the worker behind a socket of the configuration. */
  fetch(socket: string, path: string, init?: RequestInit): Promise<Response>;
  /** The same for JSON, both ways; fails unless the answer is a success. */
  request(socket: string, path: string, body?: unknown): Promise<unknown>;
  /** Ends it, at once, as when a machine fails. */
  stop(): Promise<void>;
}

/** Runs the worker in the real workerd and asks it for the results of all cases. */
export async function casesInWorkerd(): Promise<CaseResult[]> {
  const workerd = await startWorkerd("workerd.capnp", ["http"]);
  try {
    return (await workerd.request("http", "/")) as CaseResult[];
  } finally {
    await workerd.stop();
  }
}

/** Starts the real workerd inside the project and waits until it listens at all the sockets. */
export async function startWorkerd(
  config: string,
  sockets: readonly string[],
  argv: readonly string[] = [],
): Promise<Workerd> {
  const program = `${process.cwd()}/node_modules/workerd/bin/workerd`;
  // On file descriptor 3 workerd tells which ports it was given.
  const server = spawn(program, ["serve", config, "--control-fd=3", ...argv], {
    cwd: PROJECT,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const ended = once(server, "exit");
  const ports = await Promise.race([portsFrom(server, sockets), ended.then(() => null)]);
  if (ports === null) throw new Error("workerd ended before it listened");
  const send = (socket: string, path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${ports.get(socket)}${path}`, init);
  return {
    fetch: send,
    async request(socket, path, body) {
      const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      const response = await send(socket, path, init);
      if (!response.ok) throw new Error(`the worker answered ${response.status}: ${await response.text()}`);
      return response.json();
    },
    async stop() {
      server.kill("SIGKILL");
      await ended;
    },
  };
}

async function portsFrom(server: ChildProcess, sockets: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>();
  for await (const line of createInterface({ input: server.stdio[3] as Readable })) {
    const { event, socket, port } = JSON.parse(line) as { event: string; socket: string; port: number };
    if (event === "listen") ports.set(socket, port);
    if (sockets.every((name) => ports.has(name))) return ports;
  }
  throw new Error("workerd closed its control channel before it listened");
}
