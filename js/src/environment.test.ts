import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { readEnvironment } from "./environment.js";

const env = { RUNE_API_KEY: "key", RUNE_AGENT_ID: "", HOME: "/root" };
const versions = { node: "20.0.0" };

test("reads its own variables, and an empty one counts as unset", () => {
  deepEqual(readEnvironment({ process: { env, versions } }), { RUNE_API_KEY: "key" });
});

test("reads nothing in a browser, even when a bundler gave it a process", () => {
  deepEqual(readEnvironment({ document: {}, process: { env, versions } }), {});
  deepEqual(readEnvironment({ process: { env } }), {});
  deepEqual(readEnvironment({}), {});
});

test("a runtime that forbids the environment has none", () => {
  const forbidden = new Proxy<Record<string, string>>(
    {},
    {
      get() {
        throw new Error("requires env access");
      },
    },
  );
  deepEqual(readEnvironment({ process: { env: forbidden, versions } }), {});
});
