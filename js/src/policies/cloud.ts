import { nowMs } from "../clock.js";
import { PolicySyncError, RuneError } from "../errors.js";
import { type Fetch, fetchOf } from "../http/attempt.js";
import { checkApiKey, urlOf } from "../http/destination.js";
import { clearIdleTimer, setIdleTimer } from "../http/timer.js";
import { keepGoing, type WaitUntil } from "../http/wait-until.js";
import { pageAddress, type Runtime, runtimeOf } from "../runtime.js";
import { type CloudAllowed, type CloudSet, readAnswer } from "./cloud-answer.js";
import type { Policies } from "./policies.js";
import { PolicySync, type SyncCounts } from "./sync.js";
import { requestPolicies } from "./sync-request.js";

/** What a Shield says about the server of policies. */
export interface CloudOptions {
  readonly apiKey: string | null;
  readonly eventsEnabled: boolean;
  readonly apiEndpoint: string;
  readonly policySyncIntervalSeconds: number;
  readonly connectionTimeoutSeconds: number;
  readonly fetch: Fetch | null;
}

/** Whom syncing tells about itself. */
export interface CloudListener {
  /** Told what else the server says, whenever that may have changed. */
  allow(entries: readonly CloudAllowed[]): void;
  warn(cause: string, message: string, error?: Error): void;
  debug(line: string): void;
}

/** Where syncs go by themselves. Pages sleep, and Workers have no time between calls. */
const WITH_TIMERS: ReadonlySet<Runtime> = new Set(["node", "deno", "bun"]);
const NO_COUNTS: SyncCounts = Object.freeze({ policySyncsTotal: 0, policySyncFailuresTotal: 0 });

/**
 * Keeps the policies in force at what the server says.
 *
 * INVARIANT: where there are no timers, nothing is connected to before the first use.
 */
export class Cloud {
  readonly #policies: Policies;
  readonly #listener: CloudListener;
  readonly #sync: PolicySync | null;
  /** What is in force, as it came: reading much of it takes time, and not every server knows ETags. */
  #text: string | null = null;

  /** @throws {ConfigurationError} when the endpoint or the API key cannot be used */
  constructor(policies: Policies, options: CloudOptions, listener: CloudListener) {
    this.#policies = policies;
    this.#listener = listener;
    const { apiKey, eventsEnabled, apiEndpoint } = options;
    const runtime = runtimeOf();
    const endpoint = { option: "apiEndpoint", address: apiEndpoint, path: "/v1/policies" } as const;
    const url = urlOf(endpoint, apiKey, pageAddress(runtime));
    this.#sync = apiKey !== null && eventsEnabled ? this.#open(url, apiKey, options, runtime) : null;
    policies.isAwaitingCloud = this.#sync !== null;
    this.#sync?.start();
  }

  get counts(): SyncCounts {
    return this.#sync?.counts ?? NO_COUNTS;
  }

  /**
   * To be called before each use of the policies.
   *
   * @param asked the policies that were asked for; null means all
   * @returns why there may be none, though there should be
   */
  use(asked: readonly string[] | null, waitUntil: WaitUntil | undefined): "policy_sync" | null {
    const sync = this.#sync;
    if (sync === null) return null;
    const refreshed = sync.refresh();
    if (refreshed !== null && waitUntil !== undefined) keepGoing(waitUntil, refreshed, this.#listener.warn);
    if (sync.hasArrived) return null;
    return this.#policies.hasLocal && (asked === null || this.#policies.knows(asked)) ? null : "policy_sync";
  }

  /** Resolves when the first sync is done or failed; at once when nothing is synced. Never rejects. */
  async ready(): Promise<void> {
    await this.#sync?.ready();
  }

  /** Ends syncing; what is in force stays so. */
  close(): void {
    this.#sync?.close();
  }

  #open(url: string, apiKey: string, options: CloudOptions, runtime: Runtime): PolicySync {
    checkApiKey(apiKey);
    const timeoutMs = options.connectionTimeoutSeconds * 1000;
    const destination = { url, apiKey, timeoutMs, isBrowser: runtime === "browser", fetch: fetchOf(options.fetch) };
    const world = {
      nowMs,
      random: Math.random,
      setTimer: setIdleTimer,
      clearTimer: clearIdleTimer,
      ask: (etag: string | null, cancelled: AbortSignal) => requestPolicies(destination, etag, cancelled),
      apply: (text: string) => this.#apply(text),
      hasTimers: WITH_TIMERS.has(runtime),
      note: (line: string) => this.#listener.debug(line),
      warn: (trouble: string, error: PolicySyncError) => this.#listener.warn(trouble, error.message, error),
    };
    return new PolicySync(world, { intervalMs: options.policySyncIntervalSeconds * 1000, timeoutMs });
  }

  #apply(text: string): boolean {
    if (text === this.#text) return true;
    const said = readAnswer(text);
    if (said === null) return false;
    this.#putInForce(said);
    this.#listener.allow(said.allowlist);
    this.#text = text;
    return true;
  }

  #putInForce({ policies }: CloudSet): void {
    try {
      this.#policies.replaceCloud(policies);
    } catch (error) {
      throw RuneError.isInstance(error) ? new PolicySyncError(error.message) : error;
    }
  }
}
