import { RuneRateLimiter } from "../../src/adapters/cloudflare/rune-rate-limiter.js";
import type { ObjectNamespace, ObjectStorage } from "../../src/adapters/cloudflare/types.js";

/** The durable storage of one object. */
class FakeStorage implements ObjectStorage {
  readonly records: Map<string, unknown> = new Map();
  alarmMs: number | null = null;

  list({ prefix }: { prefix: string }): Promise<Map<string, unknown>> {
    const found = [...this.records].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
    return Promise.resolve(structuredClone(new Map(found)));
  }

  put(name: string, value: unknown): Promise<void> {
    this.records.set(name, structuredClone(value));
    return Promise.resolve();
  }

  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.records.delete(name));
  }

  deleteAll(): Promise<void> {
    this.records.clear();
    return Promise.resolve();
  }

  getAlarm(): Promise<number | null> {
    return Promise.resolve(this.alarmMs);
  }

  setAlarm(timeMs: number): Promise<void> {
    this.alarmMs = timeMs;
    return Promise.resolve();
  }
}

interface LiveObject {
  readonly limiter: RuneRateLimiter;
  readonly ready: Promise<unknown>;
}

/** A namespace whose objects live here: they can be evicted at any moment, and be out of reach. The real one is tested in workerd. */
export class FakeNamespace implements ObjectNamespace {
  readonly storages: Map<string, FakeStorage> = new Map();
  readonly #live = new Map<string, LiveObject>();
  readonly unreachable: Set<string> = new Set();

  idFromName(name: string): { name: string } {
    return { name };
  }

  get({ name }: { name: string }): ReturnType<ObjectNamespace["get"]> {
    return {
      fetch: async (url, init) => {
        // As over a network, questions that are asked side by side do not arrive at the same moment.
        await Promise.resolve();
        if (this.unreachable.has(name)) throw new Error("the object cannot be reached");
        const { limiter, ready } = this.#object(name);
        await ready;
        return limiter.fetch(new Request(url, init));
      },
    };
  }

  /** All objects lose what they had in memory. */
  evict(): void {
    this.#live.clear();
  }

  /** Rings the alarms that are due. */
  async ring(nowMs: number): Promise<void> {
    for (const [name, storage] of this.storages) {
      if (storage.alarmMs === null || storage.alarmMs > nowMs) continue;
      storage.alarmMs = null;
      const { limiter, ready } = this.#object(name);
      await ready;
      await limiter.alarm();
    }
  }

  #object(name: string): LiveObject {
    const known = this.#live.get(name);
    if (known !== undefined) return known;
    const storage = this.storages.get(name) ?? new FakeStorage();
    this.storages.set(name, storage);
    let ready: Promise<unknown> = Promise.resolve();
    const limiter = new RuneRateLimiter({
      storage,
      blockConcurrencyWhile: (work) => {
        const working = work();
        ready = working;
        return working;
      },
    });
    const object = { limiter, ready };
    this.#live.set(name, object);
    return object;
  }
}
