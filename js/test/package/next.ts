import { spawn } from "node:child_process";
import { once } from "node:events";
import type { CaseResult } from "../shared/run.js";
import { resultsOf } from "./browser.js";
import { PROJECT } from "./project.js";

/** Starts the built Next app and reads the results of all cases from a route of one of its runtimes, or from its page. */
export async function casesInNext(path: "/edge" | "/node" | "/"): Promise<CaseResult[]> {
  return (await resultsInNext(path, path === "/")) as CaseResult[];
}

/** The same for whatever a route answers, or a page calls its results. */
export async function resultsInNext(path: string, isPage: boolean): Promise<unknown> {
  const server = spawn(process.execPath, ["node_modules/next/dist/bin/next", "start", "--port", "0"], {
    cwd: `${PROJECT}/next`,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  try {
    const url = await urlFrom(server.stdout);
    return isPage ? await resultsOf(url + path, true) : await (await fetch(url + path)).json();
  } finally {
    server.kill();
    await ended;
  }
}

/** Where it says that it listens. */
async function urlFrom(output: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const chunk of output) {
    text += String(chunk);
    const port = /http:\/\/localhost:([0-9]+)/.exec(text)?.[1];
    if (port !== undefined && text.includes("Ready")) return `http://127.0.0.1:${port}`;
  }
  throw new Error(`Next ended before it listened: ${text}`);
}
