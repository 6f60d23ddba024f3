import { durableObjectStore, RuneRateLimiter, rateLimitBindingStore } from "@runesec/scanner/cloudflare";

export { RuneRateLimiter };

/** The same, and it tells how much is stored. */
export class TellingRateLimiter extends RuneRateLimiter {
  #storage;

  constructor(state, env) {
    super(state, env);
    this.#storage = state.storage;
  }

  async fetch(request) {
    if (request.method === "GET") return Response.json((await this.#storage.list()).size);
    return super.fetch(request);
  }
}

export default {
  async fetch(request, env) {
    const binding = new URL(request.url).pathname.slice(1);
    if (request.method === "GET") {
      // Objects have the names of keys' digests, of which this knows none: it asks those it is told.
      const name = new URL(request.url).searchParams.get("name");
      return env[binding].get(env[binding].idFromName(name)).fetch(request);
    }
    const store = binding === "BINDING" ? rateLimitBindingStore(env[binding]) : durableObjectStore(env[binding]);
    const calls = await request.json();
    return Response.json(await Promise.all(calls.map((limits) => store.take(limits))));
  },
};
