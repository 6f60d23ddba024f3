using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "l2-worker.js", esModule = embed "l2-worker.js"),
    (name = "scanner.wasm", wasm = embed "scanner.wasm"),
    (name = "similarity.bin", data = embed "similarity.bin"),
  ],
  compatibilityDate = "2026-01-01",
);
