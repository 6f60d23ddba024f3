import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium } from "playwright-core";
import type { CaseResult } from "../shared/run.js";
import { PROJECT } from "./project.js";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
// The strictest policy under which WebAssembly runs at all: no `unsafe-eval`, no inline scripts, no connections.
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";
const PAGE =
  '<!doctype html><title>cases</title><link rel="icon" href="data:,"><script type="module" src="/web/bundle.js"></script>';

/** Runs the bundled consumer in headless Chromium and reads the results of all cases. */
export async function casesInBrowser(): Promise<CaseResult[]> {
  const server = await serveProject();
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(String(error)));
    page.on("console", (message) => message.type() === "error" && failures.push(message.text()));
    await page.goto(`http://127.0.0.1:${port}/`);
    const results = await page
      .waitForFunction(() => (globalThis as { results?: CaseResult[] }).results, undefined, { timeout: 60_000 })
      .catch(() => null);
    if (results === null || failures.length > 0)
      throw new Error(`the page failed: ${failures.join("; ") || "no results"}`);
    return (await results.jsonValue()) as CaseResult[];
  } finally {
    await browser.close();
    server.close();
  }
}

async function serveProject(): Promise<Server> {
  const server = createServer((request, response) => {
    response.setHeader("content-security-policy", POLICY);
    if (request.url === "/web/bundle.js")
      response.setHeader("content-type", "text/javascript").end(readFileSync(`${PROJECT}/web/bundle.js`));
    else response.setHeader("content-type", "text/html; charset=utf-8").end(PAGE);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}
