/**
 * What this package uses of Cloudflare's types. They are our own so that it neither needs `@cloudflare/workers-types` nor
 * `cloudflare:workers`, which exists in a Worker only.
 */

/** The durable storage of an object, whether it is backed by SQLite or by key-value pairs. */
export interface ObjectStorage {
  list(options: { prefix: string }): Promise<Map<string, unknown>>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<boolean>;
  deleteAll(): Promise<void>;
  getAlarm(): Promise<number | null>;
  setAlarm(timeMs: number): Promise<void>;
}

/** What a Durable Object is made with. */
export interface ObjectState {
  readonly storage: ObjectStorage;
  blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>;
}

/** A Durable Object as a Worker reaches it. */
export interface ObjectStub {
  fetch(
    url: string,
    init: { method: string; body: string },
  ): Promise<{ readonly ok: boolean; readonly status: number; json(): Promise<unknown> }>;
}

/** A binding to a class of Durable Objects, of which a Worker's `env` holds it. */
export interface ObjectNamespace {
  idFromName(name: string): object;
  get(id: object): ObjectStub;
}

/** Cloudflare's rate-limit binding, of which a Worker's `env` holds it. */
export interface RateLimitBinding {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}
