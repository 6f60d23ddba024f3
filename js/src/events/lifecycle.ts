import type { Batcher } from "./batcher.js";

interface Process {
  once(event: "beforeExit", listener: () => void): unknown;
}

interface Scope {
  readonly process?: Partial<Process>;
  addEventListener?(event: "pagehide", listener: () => void): void;
}

/**
 * Delivers when the program or the page ends; to be called at the first event and not before.
 *
 * Node: before the process ends by itself, once for each time it would end with events that are new. Browsers: when the
 * page goes away. Elsewhere the caller says when.
 */
export function deliverAtEnd(batcher: Batcher, isBrowser: boolean, scope: Scope = globalThis as Scope): void {
  if (isBrowser) {
    scope.addEventListener?.("pagehide", () => batcher.hurry());
    return;
  }
  const { process } = scope;
  if (typeof process?.once !== "function") return;
  batchers ??= watch(process as Process);
  batchers.add(new WeakRef(batcher));
}

let batchers: Set<WeakRef<Batcher>> | undefined;

/** One listener serves all Shields, since Node warns of many. What holds events is kept alive by its timer. */
function watch(process: Process): Set<WeakRef<Batcher>> {
  const watched = new Set<WeakRef<Batcher>>();
  const flushed = new WeakMap<Batcher, number>();
  const onExit = (): void => {
    for (const reference of watched) {
      const batcher = reference.deref();
      if (batcher === undefined || batcher.isClosed) watched.delete(reference);
      else if (batcher.deliveries.queued > 0 && flushed.get(batcher) !== batcher.added) {
        flushed.set(batcher, batcher.added);
        void batcher.flush();
      }
    }
    process.once("beforeExit", onExit);
  };
  process.once("beforeExit", onExit);
  return watched;
}
