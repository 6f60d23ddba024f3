import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { chromium } from "playwright-core";
import type { RuneEvent } from "../../src/events/event.js";
import { startHostileServer } from "../support/hostile-server.js";
import { aliasedNode } from "./node.js";
import { PROJECT, runInProject } from "./project.js";
import { startWorkerd } from "./workerd.js";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

const POLICY = 'version: "1.0"\nrules: []\n';

/** The arguments of a Node process that scans. */
function scanning(config: object): string[] {
  return ["consumer-events-node.mjs", JSON.stringify(config)];
}

for (const node of ["node-20", "node-26"] as const) {
  test(`events that wait when a process is killed are delivered by the next one (${node})`, async (t) => {
    const server = await startHostileServer();
    t.after(() => server.stop());
    const folder = mkdtempSync(join(tmpdir(), "runesec-spool-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const config = { eventsEndpoint: server.url, eventSpoolPath: folder, scans: 500 };
    server.next = () => (server.requests > 2 ? "hang" : null);
    const killed = spawn(aliasedNode(node), scanning({ ...config, waits: true }), {
      cwd: PROJECT,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: killed.stdout }), "line")) as [string];
    while (server.requests < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    killed.kill("SIGKILL");
    await once(killed, "exit");
    const ids = JSON.parse(line) as string[];
    equal(ids.length, 500);
    const delivered = server.arrived.size;
    ok(delivered > 0 && delivered < 500, `${delivered} arrived before`);
    const next = await startHostileServer();
    t.after(() => next.stop());
    const { code } = await runInProject(aliasedNode(node), scanning({ ...config, eventsEndpoint: next.url, scans: 1 }));
    equal(code, 0);
    const arrived = new Set([...server.arrived.keys(), ...next.arrived.keys()]);
    deepEqual(
      ids.filter((id) => !arrived.has(id)),
      [],
    );
    // What was delivered before is not sent again, but for the batch whose answer did not come.
    ok(next.arrived.size <= 500 - delivered + 1, `${next.arrived.size} arrived after`);
    deepEqual(
      readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, "utf8")),
      [""],
    );
  });
}

test("a process that ends by itself delivers first, and gives up in bounded time", async (t) => {
  const server = await startHostileServer();
  t.after(() => server.stop());
  const config = { eventsEndpoint: server.url, scans: 120, connectionTimeoutSeconds: 0.5 };
  const { stdout, stderr } = await runInProject(aliasedNode("node-20"), scanning(config));
  deepEqual(new Set(JSON.parse(stdout) as string[]), new Set(server.arrived.keys()));
  equal(stderr, "");
  const before = server.requests;
  server.next = () => "hang";
  const hanging = await runInProject(aliasedNode("node-20"), scanning(config));
  // One because a batch was full, and one because the process ends.
  deepEqual([hanging.code, hanging.stderr, server.requests], [0, "", before + 2]);
  const gone = await runInProject(
    aliasedNode("node-20"),
    scanning({ ...config, eventsEndpoint: "http://127.0.0.1:9" }),
  );
  deepEqual(
    [gone.code, gone.stderr.split("\n").map((line) => line.replace(/.*\((.*)\)$/, "$1"))],
    [0, ["policy_sync_failed", "policy_sync", ""]],
  );
});

test("a Worker delivers after its response, and a request that failed does not lose events", async () => {
  const server = await startHostileServer();
  const workerd = await startWorkerd("events-workerd.capnp", ["http"]);
  const ask = (path: string): Promise<unknown> => workerd.request("http", `${path}?server=${server.url}`);
  // The server has an event before the Worker has its answer.
  const answered = async (): Promise<unknown> => {
    for (;;) {
      const state = (await ask("/")) as { counts: number[] };
      if (state.counts[0] === 0) return state;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  try {
    // The answer comes while the event waits: the promise is all that keeps it going.
    deepEqual(await ask("/scan"), { counts: [1, 0, 0, 0], warnings: [] });
    deepEqual(await answered(), { counts: [0, 1, 0, 0], warnings: [] });
    deepEqual(await ask("/quiet"), { counts: [1, 1, 0, 0], warnings: [] });
    deepEqual(await ask("/flush"), { counts: [0, 2, 0, 0], warnings: [] });
    server.next = () => "drop";
    await ask("/scan");
    while (server.requests < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    server.next = () => null;
    await Promise.all(Array.from({ length: 20 }, () => ask("/scan")));
    await ask("/flush");
    deepEqual(await ask("/"), { counts: [0, 23, 0, 0], warnings: [] });
    // A request that ends with its call does not make who flushes next fail, or wait for its time-out.
    server.next = () => "hang";
    await ask("/unwaited");
    server.next = () => null;
    deepEqual(await ask("/flush"), { counts: [0, 24, 0, 0], warnings: [] });
    const runtimes = [...server.texts.values()].map(([text = ""]) => (JSON.parse(text) as RuneEvent).sdk.runtime);
    deepEqual(new Set(runtimes), new Set(["workerd"]));
  } finally {
    await workerd.stop();
    await server.stop();
  }
});

test("a page that is left delivers, and gives its key to nobody else", async () => {
  const events: RuneEvent[] = [];
  const headers: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/rune/v1/events") {
      let body = "";
      headers.push(`${request.headers["x-rune-key"]} ${request.headers.referer}`);
      request.on("data", (part) => {
        body += part;
      });
      request.on("end", () => {
        const batch = (JSON.parse(body) as { events: RuneEvent[] }).events;
        events.push(...batch);
        response.writeHead(202).end(`{"accepted":${batch.length}}`);
      });
    } else if (request.url === "/rune/v1/policies") {
      headers.push(`${request.headers["x-rune-key"]} ${request.headers.referer}`);
      response.end(JSON.stringify({ policies: [{ id: "1", name: "page", version: "1", active: true, yaml: POLICY }] }));
    } else if (request.url === "/web/events.js") {
      response.setHeader("content-type", "text/javascript").end(readFileSync(`${PROJECT}/web/events.js`));
    } else {
      response.setHeader("content-type", "text/html").end('<script type="module" src="/web/events.js"></script>');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/?private=1`);
    const seen = await page.waitForFunction(() => (globalThis as { events?: unknown }).events);
    const refusals = ["eventsEndpoint", "apiEndpoint"].map(
      (option) =>
        `an API key in a browser can be read by everyone who visits the page: leave it out, or let \`${option}\` be of the page's own origin`,
    );
    deepEqual(await seen.jsonValue(), { refusals, queued: 20, policies: ["cloud:page"] });
    equal(events.length, 0);
    await page.goto("about:blank");
    while (events.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    deepEqual([events.length, events[0]?.sdk.runtime, headers], [20, "browser", ["key undefined", "key undefined"]]);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
});
