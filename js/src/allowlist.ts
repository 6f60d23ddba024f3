import { ConfigurationError } from "./errors.js";
import { unknownName } from "./expectation.js";
import type { Finding } from "./types.js";

/** Most entries of the caller's; each of a pattern is compared with each finding of it, of which honest text has few. */
const MAX_ENTRIES = 10_000;
/**
 * Most bits in which two fingerprints of near-identical windows differ. Case is no difference at all; a word
 * that is another one turns six bits and more.
 */
const MAX_DISTANCE = 4;

interface Entry {
  readonly patternId: string;
  readonly fingerprint: string;
}

/** An entry that the server keeps. */
export interface SyncedEntry extends Entry {
  /** The only agent it is for; null means all. */
  readonly agentId: string | null;
}

/** Findings that are known to be false, by pattern and the window they were found in. */
export class Allowlist {
  readonly #entries = new Map<string, readonly Entry[]>();
  #made = 0;
  /** By pattern. */
  #synced: ReadonlyMap<string, readonly SyncedEntry[]> = new Map();

  /**
   * @returns what the entry is called
   * @throws {ConfigurationError} when there are too many
   */
  add(findings: readonly Entry[]): string {
    if (this.#entries.size >= MAX_ENTRIES) throw new ConfigurationError(`more than ${MAX_ENTRIES} allowed contents`);
    this.#made += 1;
    const id = `allow-${this.#made}`;
    this.#entries.set(
      id,
      findings.map(({ patternId, fingerprint }) => ({ patternId, fingerprint })),
    );
    return id;
  }

  /** @throws {ConfigurationError} when there is no such entry */
  remove(id: string): void {
    if (!this.#entries.delete(id))
      throw new ConfigurationError(unknownName("allowed content", id, [...this.#entries.keys()]));
  }

  /** Replaces what the server said before; the caller's own entries stay. */
  replaceSynced(entries: readonly SyncedEntry[]): void {
    const synced = new Map<string, SyncedEntry[]>();
    for (const entry of entries) {
      const same = synced.get(entry.patternId);
      if (same === undefined) synced.set(entry.patternId, [entry]);
      else same.push(entry);
    }
    this.#synced = synced;
  }

  /** Whether this pattern was allowed, for this agent, in a window that is near-identical. */
  has({ patternId, fingerprint }: Finding, agentId: string | null): boolean {
    const isMeant = (each: SyncedEntry): boolean => each.agentId === null || each.agentId === agentId;
    const synced = this.#synced.get(patternId) ?? [];
    if (synced.some((each) => isMeant(each) && isNear(each.fingerprint, fingerprint))) return true;
    for (const entries of this.#entries.values()) {
      if (entries.some((each) => each.patternId === patternId && isNear(each.fingerprint, fingerprint))) return true;
    }
    return false;
  }
}

function isNear(a: string, b: string): boolean {
  return distance(a.slice(0, 8), b.slice(0, 8)) + distance(a.slice(8), b.slice(8)) <= MAX_DISTANCE;
}

/** In how many bits two words of eight hexadecimal digits differ. */
function distance(a: string, b: string): number {
  let bits = Number.parseInt(a, 16) ^ Number.parseInt(b, 16);
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count += 1;
  return count;
}
