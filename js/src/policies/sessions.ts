/** Most sessions that are remembered. The one that was tainted longest ago is forgotten first, which is told. */
export const MAX_SESSIONS = 100_000;

/** Which rules consider which sessions untrusted, because something untrusted was read in them. */
export class Sessions {
  readonly #tainted = new Map<string, Set<string>>();
  readonly #onForgotten: () => void;

  constructor(onForgotten: () => void) {
    this.#onForgotten = onForgotten;
  }

  isTainted(session: string, rule: string): boolean {
    return this.#tainted.get(session)?.has(rule) ?? false;
  }

  taint(session: string, rule: string): void {
    const rules = this.#tainted.get(session) ?? new Set();
    // Put behind all others, so that the first is always the oldest.
    this.#tainted.delete(session);
    this.#tainted.set(session, rules.add(rule));
    if (this.#tainted.size <= MAX_SESSIONS) return;
    for (const oldest of this.#tainted.keys()) {
      this.#tainted.delete(oldest);
      this.#onForgotten();
      break;
    }
  }
}
