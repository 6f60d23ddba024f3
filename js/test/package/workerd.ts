import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { CaseResult } from "../shared/run.js";
import { PROJECT } from "./project.js";

/** Runs the worker in the real workerd and asks it for the results of all cases. */
export async function casesInWorkerd(): Promise<CaseResult[]> {
  const workerd = `${process.cwd()}/node_modules/workerd/bin/workerd`;
  // On file descriptor 3 workerd tells which port it was given.
  const server = spawn(workerd, ["serve", "workerd.capnp", "--control-fd=3"], {
    cwd: PROJECT,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const port = await Promise.race([portFrom(server.stdio[3] as Readable), once(server, "exit").then(() => null)]);
    if (port === null) throw new Error("workerd ended before it listened");
    const response = await fetch(`http://127.0.0.1:${port}/`);
    if (!response.ok) throw new Error(`the worker answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as CaseResult[];
  } finally {
    server.kill();
  }
}

async function portFrom(control: Readable): Promise<number> {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line) as { event: string; port: number };
    if (event === "listen") return port;
  }
  throw new Error("workerd closed its control channel before it listened");
}
