import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";
import type { CaseResult } from "../shared/run.js";
import { PROJECT } from "./project.js";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
/** The strictest policy under which WebAssembly runs at all: no `unsafe-eval`, no inline scripts, no connections. */
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; img-src data:";
/** The same without WebAssembly. */
const WITHOUT_WASM = STRICT.replace(" 'wasm-unsafe-eval'", "");
const TYPES = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  mjs: "text/javascript",
  bin: "application/octet-stream",
} as const;

const IMPORT_MAP = `<script type="importmap">${JSON.stringify({
  imports: {
    "@runesec/scanner": "/node_modules/@runesec/scanner/dist/inline.js",
    "@runesec/scanner/browser": "/node_modules/@runesec/scanner/dist/browser.js",
  },
})}</script>`;

/** Pages of our own; all other paths are files of the project. */
const PAGES: Readonly<Record<string, { readonly html: string; readonly policy: string | null }>> = {
  "/bundle": { html: page('<script type="module" src="/web/bundle.js"></script>'), policy: STRICT },
  "/worker": { html: page('<script type="module" src="/web/start-worker.js"></script>'), policy: STRICT },
  "/webpack": { html: page('<script src="/webpack/main.js"></script>'), policy: STRICT },
  "/unbundled": {
    html: page(`${IMPORT_MAP}<script type="module" src="/consumer-browser.mjs"></script>`),
    policy: null,
  },
  "/unbundled-l2": {
    html: page(
      `<script type="importmap">{"imports":{"@runesec/scanner":"/node_modules/@runesec/scanner/dist/inline.js",
        "@runesec/scanner/l2":"/node_modules/@runesec/scanner/dist/l2.js"}}</script>
      <script type="module" src="/consumer-l2-browser.mjs"></script>`,
    ),
    policy: null,
  },
  "/webpack-l2": { html: page('<script src="/webpack/l2.js"></script>'), policy: null },
  "/without-wasm": { html: page('<script type="module" src="/web/bundle.js"></script>'), policy: WITHOUT_WASM },
};

/** Opens an example in headless Chromium and lets `use` do what a visitor would. */
export async function withExample<T>(file: string, use: (page: Page) => Promise<T>): Promise<T> {
  const server = await serveProject();
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/examples/${file}`);
    return await use(page);
  } finally {
    await browser.close();
    server.close();
  }
}

function page(scripts: string): string {
  return `<!doctype html><title>cases</title><link rel="icon" href="data:,">${scripts}`;
}

/**
 * Opens a page of the project in headless Chromium and reads the results of all cases.
 *
 * @param isQuiet whether nothing may be written to the console as an error
 */
export async function casesInBrowser(path: string, isQuiet = true): Promise<CaseResult[]> {
  return (await resultsInBrowser(path, isQuiet)) as CaseResult[];
}

/** The same for whatever a page calls its results. */
export async function resultsInBrowser(path: string, isQuiet = true): Promise<unknown> {
  const server = await serveProject();
  try {
    const { port } = server.address() as AddressInfo;
    return await resultsOf(`http://127.0.0.1:${port}${path}`, isQuiet);
  } finally {
    server.close();
  }
}

/** The same for a page that somebody else serves. */
export async function resultsOf(url: string, isQuiet: boolean): Promise<unknown> {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(String(error)));
    page.on("console", (message) => message.type() === "error" && failures.push(message.text()));
    await page.goto(url);
    const results = await page
      .waitForFunction(() => (globalThis as { results?: unknown }).results, undefined, { timeout: 60_000 })
      .catch(() => null);
    if (results === null || (isQuiet && failures.length > 0))
      throw new Error(`the page failed: ${failures.join("; ") || "no results"}`);
    return await results.jsonValue();
  } finally {
    await browser.close();
  }
}

function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}

async function serveProject(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const page = PAGES[path];
    if (page !== undefined) {
      if (page.policy !== null) response.setHeader("content-security-policy", page.policy);
      response.setHeader("content-type", TYPES.html).end(page.html);
      return;
    }
    if (path.startsWith("/examples/")) {
      // What a bundler would do: find the package by its name.
      const html = readFileSync(`examples${path.slice("/examples".length)}`, "utf8");
      response.setHeader("content-type", TYPES.html).end(html.replace("<script", `${IMPORT_MAP}<script`));
      return;
    }
    const type = TYPES[path.slice(path.lastIndexOf(".") + 1) as keyof typeof TYPES];
    if (type === undefined || !existsSync(PROJECT + path)) response.writeHead(404).end();
    else response.setHeader("content-type", type).end(readFileSync(PROJECT + path));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}
