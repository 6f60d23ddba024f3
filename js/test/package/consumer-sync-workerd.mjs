import { Shield } from "@runesec/scanner";

let server = "";
const warnings = [];
const config = {
  apiEndpoint: "http://127.0.0.1",
  eventsEndpoint: "http://127.0.0.1",
  connectionTimeoutSeconds: 0.3,
  fetch: (url, init) => fetch(url.replace("http://127.0.0.1", server), init),
  onWarning: ({ cause }) => warnings.push(cause),
};
// Made while the module loads, where a Worker forbids randomness, timers and connections.
const hasty = new Shield({ ...config, apiKey: "key", onWarning: () => {} });
const early = hasty.validateAction({ action: "buy" }).failedOpen;
let shield;

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    server = searchParams.get("server") ?? server;
    // One for each test, with the key from the bindings.
    if (pathname === "/new") shield = new Shield({ ...config, env });
    const waitUntil = ["/waiting", "/hasty"].includes(pathname) ? (promise) => ctx.waitUntil(promise) : undefined;
    if (pathname === "/ready") await shield.ready();
    const { failedOpen, blocked } =
      pathname === "/new" ? {} : (pathname === "/hasty" ? hasty : shield).validateAction({ action: "drop", waitUntil });
    const { policySyncsTotal, policySyncFailuresTotal } = shield.stats;
    return Response.json({ failedOpen, blocked, early, counts: [policySyncsTotal, policySyncFailuresTotal], warnings });
  },
};
