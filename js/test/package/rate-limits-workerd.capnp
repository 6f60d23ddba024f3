using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "first", worker = .first),
    (name = "second", worker = .second),
    (name = "disk", disk = (writable = true)),
  ],
  sockets = [
    (name = "first", address = "127.0.0.1:0", http = (), service = "first"),
    (name = "second", address = "127.0.0.1:0", http = (), service = "second"),
  ],
);

const modules :List(Workerd.Worker.Module) = [(name = "worker.js", esModule = embed "rate-limits-worker.js")];

# Holds the objects. One class is backed by key-value pairs, the other by SQLite.
const first :Workerd.Worker = (
  modules = .modules,
  compatibilityDate = "2026-01-01",
  durableObjectNamespaces = [
    (className = "RuneRateLimiter", uniqueKey = "key-value"),
    (className = "TellingRateLimiter", uniqueKey = "sqlite", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [
    (name = "KEY_VALUE", durableObjectNamespace = (className = "RuneRateLimiter")),
    (name = "SQLITE", durableObjectNamespace = (className = "TellingRateLimiter")),
  ],
);

# Another Worker that uses the objects of the first, as one does with `script_name` in wrangler's configuration.
const second :Workerd.Worker = (
  modules = .modules,
  compatibilityDate = "2026-11-01",
  bindings = [
    (name = "KEY_VALUE", durableObjectNamespace = (className = "RuneRateLimiter", serviceName = "first")),
    (name = "SQLITE", durableObjectNamespace = (className = "TellingRateLimiter", serviceName = "first")),
  ],
);
