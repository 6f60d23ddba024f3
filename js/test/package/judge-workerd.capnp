using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "ai", worker = .ai)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "judge-worker.js"),
    (name = "scanner.wasm", wasm = embed "scanner.wasm"),
  ],
  bindings = [
    # The binding as Cloudflare makes it, in front of a service of ours.
    (name = "AI", wrapped = (moduleName = "cloudflare-internal:ai-api", innerBindings = [(name = "fetcher", service = "ai")])),
  ],
  compatibilityDate = "2026-01-01",
);

const ai :Workerd.Worker = (
  modules = [(name = "ai.js", esModule = embed "fake-workers-ai.mjs")],
  compatibilityDate = "2026-01-01",
);
