import { equal } from "node:assert/strict";
import { test } from "node:test";
import { runtimeOf } from "./runtime.js";

const node = { versions: { node: "20.0.0" } };

test("names the runtime by what only it has", () => {
  for (const [scope, runtime] of [
    [{ process: node }, "node"],
    [{ process: node, Deno: {} }, "deno"],
    [{ process: node, Bun: {} }, "bun"],
    [{ process: node, navigator: { userAgent: "Cloudflare-Workers" } }, "workerd"],
    [{ WebSocketPair: class {}, WorkerGlobalScope: class {} }, "workerd"],
    [{ EdgeRuntime: "edge-runtime" }, "edge-light"],
    [{ document: {}, process: node }, "browser"],
    [{ WorkerGlobalScope: class {} }, "browser"],
    [{ process: {} }, "other"],
    [{}, "other"],
  ] as const) {
    equal(runtimeOf(scope), runtime);
  }
  equal(runtimeOf(), "node");
});
