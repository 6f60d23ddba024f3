using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "hono", worker = .hono),
    (name = "internet", network = (allow = ["private", "local"])),
  ],
  sockets = [
    (name = "worker", address = "127.0.0.1:0", http = (), service = "worker"),
    (name = "hono", address = "127.0.0.1:0", http = (), service = "hono"),
  ],
);

const bindings :List(Workerd.Worker.Binding) = [
  (name = "MODEL_URL", fromEnvironment = "TEST_MODEL_URL"),
  (name = "MODEL_KEY", text = "model-key"),
  (name = "RUNE_API_KEY", text = "rune-key"),
  (name = "RUNE_EVENTS_ENDPOINT", fromEnvironment = "TEST_RUNE_URL"),
  (name = "RUNE_API_ENDPOINT", fromEnvironment = "TEST_RUNE_URL"),
];

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "guarded-worker.js"),
    (name = "scanner.wasm", wasm = embed "scanner.wasm"),
  ],
  bindings = .bindings,
  compatibilityDate = "2026-01-01",
);

const hono :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "guarded-hono.js"),
    (name = "scanner.wasm", wasm = embed "scanner.wasm"),
  ],
  bindings = .bindings,
  compatibilityDate = "2026-01-01",
);
