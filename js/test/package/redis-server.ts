import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = process.env["REDIS_SERVER"] ?? "/usr/bin/redis-server";

/** A running Redis server of our own, which keeps nothing. */
export interface RedisServer {
  /** The path of its unix socket. */
  readonly socket: string;
  /** Stops it in the middle of whatever it does, without its knowing. */
  freeze(): void;
  /** Ends it, at once, as when a machine fails. */
  stop(): Promise<void>;
}

/** Lets `work` use a server of its own. */
export async function withRedis(
  work: (server: RedisServer) => Promise<void>,
  argv: readonly string[] = [],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "runesec-redis-"));
  const socket = `${folder}/redis.sock`;
  const flags = ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--appendonly", "no"];
  const server = spawn(PROGRAM, [...flags, ...argv], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(server, "exit");
  const stop = async (): Promise<void> => {
    server.kill("SIGKILL");
    await ended;
  };
  try {
    const lines: string[] = [];
    for await (const line of createInterface({ input: server.stdout })) {
      lines.push(line);
      if (line.includes("Ready to accept connections") || line.includes("ready to accept connections")) break;
    }
    if (server.exitCode !== null) throw new Error(`the Redis server ended: ${lines.join("\n")}`);
    // Or it would wait for somebody to read what it says.
    server.stdout.resume();
    await work({ socket, freeze: () => server.kill("SIGSTOP"), stop });
  } finally {
    await stop();
    rmSync(folder, { recursive: true });
  }
}

/** A loopback port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
