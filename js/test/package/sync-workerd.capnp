using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "internet", network = (allow = ["private", "local"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "sync-worker.js"),
    (name = "scanner.wasm", wasm = embed "scanner.wasm"),
  ],
  bindings = [(name = "RUNE_API_KEY", text = "key")],
  compatibilityDate = "2026-01-01",
);
