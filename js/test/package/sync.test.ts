import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, test } from "node:test";
import { type HostileServer, startHostileServer } from "../support/hostile-server.js";
import { startWorkerd, type Workerd } from "./workerd.js";

const YAML = 'version: "1.0"\nrules:\n- { name: no, type: tool_denylist, tools: [drop], action: block }\n';
const POLICIES = JSON.stringify({ policies: [{ id: "1", name: "prod", version: "1", active: true, yaml: YAML }] });

/** What the Worker says of one of its calls. */
interface Said {
  readonly failedOpen: string | null;
  readonly blocked: boolean;
  /** Of a call while the module loaded. */
  readonly early: string | null;
  /** Syncs that went well, and that did not. */
  readonly counts: readonly [number, number];
  readonly warnings: readonly string[];
}

let server: HostileServer;
let workerd: Workerd;

before(async () => {
  server = await startHostileServer();
  server.policies = POLICIES;
  workerd = await startWorkerd("sync-workerd.capnp", ["http"]);
});

after(async () => {
  await workerd.stop();
  await server.stop();
});

function ask(path: string): Promise<Said> {
  return workerd.request("http", `${path}?server=${server.url}`) as Promise<Said>;
}

async function until(path: string, isEnough: (said: Said) => boolean): Promise<Said> {
  for (;;) {
    const said = await ask(path);
    if (isEnough(said)) return said;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("a Worker syncs behind the first call that its `waitUntil` keeps going, and not before", async () => {
  await ask("/new");
  equal(server.syncs, 0);
  const { failedOpen, blocked } = await ask("/waiting");
  deepEqual([failedOpen, blocked], ["policy_sync", false]);
  const after = await until("/", (said) => said.blocked);
  deepEqual([after.failedOpen, after.counts, after.warnings], [null, [1, 0], ["policy_sync"]]);
  equal(server.syncs, 1);
  ok(server.received[0]?.includes('"x-rune-key","key"'), "the key came from the bindings");
});

test("a Worker can wait for its policies, from any of its calls", async () => {
  await ask("/new");
  const said = await Promise.all([ask("/ready"), ask("/ready"), ask("/ready")]);
  deepEqual(
    said.map(({ failedOpen, blocked }) => [failedOpen, blocked]),
    [1, 2, 3].map(() => [null, true]),
  );
});

test("a request that vanishes with the call that began it stops neither `ready` nor the next sync", async () => {
  server.nextSync = () => "hang";
  await ask("/new");
  equal((await ask("/bare")).failedOpen, "policy_sync");
  server.nextSync = () => null;
  deepEqual((await ask("/ready")).blocked, true);
  server.nextSync = () => "hang";
  await ask("/new");
  await ask("/bare");
  server.nextSync = () => null;
  const { counts, warnings } = await until("/waiting", (said) => said.blocked);
  deepEqual([counts, warnings.includes("policy_sync_failed")], [[1, 1], true]);
});

test("a call while the module loads goes on, and does not put off the first sync that can be", async () => {
  const said = await ask("/hasty");
  equal(said.early, "policy_sync");
  equal((await until("/hasty", ({ blocked }) => blocked)).failedOpen, null);
});
