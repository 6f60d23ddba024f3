import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { quantile } from "./table.mjs";

const WORKERS = {
  scanning: `
    import { Shield } from "@runesec/scanner";
    import { english } from "./english.mjs";
    const shield = new Shield();
    export default { fetch: () => new Response(shield.scanInput(english(1000)).actionTaken) };`,
  idle: `export default { fetch: () => new Response("allow") };`,
};

/** The median milliseconds from start to first answer of fresh processes, with and without the package. */
export async function coldStartsInWorkerd(root, runs) {
  const { build } = createRequire(`${root}/package.json`)("esbuild");
  const samples = { scanning: [], idle: [] };
  for (const [name, source] of Object.entries(WORKERS)) {
    await build({
      stdin: { contents: source, resolveDir: process.cwd() },
      outfile: `${name}.js`,
      bundle: true,
      format: "esm",
      conditions: ["workerd", "worker", "browser"],
      loader: { ".wasm": "copy" },
      assetNames: "[name]",
    });
    writeFileSync(`${name}.capnp`, configFor(name));
  }
  for (let run = 0; run < runs; run++) {
    for (const name of Object.keys(WORKERS))
      samples[name].push(await firstAnswerMs(`${root}/node_modules/workerd/bin/workerd`, name));
  }
  return { scanning: quantile(samples.scanning, 0.5), idle: quantile(samples.idle, 0.5) };
}

function configFor(name) {
  const wasm = name === "scanning" ? ', (name = "scanner.wasm", wasm = embed "scanner.wasm")' : "";
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "${name}.js")${wasm}],
    compatibilityDate = "2026-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

/** workerd compiles and starts a worker before it listens, so the time runs from the start of the process. */
async function firstAnswerMs(workerd, name) {
  const started = performance.now();
  const server = spawn(workerd, ["serve", `${name}.capnp`, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const [line] = await once(createInterface({ input: server.stdio[3] }), "line");
    const response = await fetch(`http://127.0.0.1:${JSON.parse(line).port}/`);
    if ((await response.text()) !== "allow") throw new Error("the worker did not answer `allow`");
    return performance.now() - started;
  } finally {
    server.kill();
    await once(server, "exit");
  }
}
