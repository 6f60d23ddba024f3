import type { RuneEvent } from "../events/event.js";

/** A request that was recorded. */
export interface RecordedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it was sent. */
  readonly body: string;
  readonly events: readonly RuneEvent[];
}

/** A policy as the server keeps it. */
export interface ServedPolicy {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly active: boolean;
  readonly yaml: string;
}

/** A finding that the server knows to be false. */
export interface ServedAllowance {
  readonly id: string;
  readonly pattern_id: string;
  readonly fingerprint: string;
  readonly agent_id?: string;
}

/** A `fetch` for `new Shield({ fetch })` that plays the servers of events and of policies. */
export interface RecordingFetch {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Those with events. */
  readonly requests: readonly RecordedRequest[];
  /** The events that the server has taken, oldest first; each once, however often it came. */
  readonly events: readonly RuneEvent[];
  /** Makes the next requests fail with these: a status, or an error that `fetch` throws. After them all is well again. */
  failNext(...failures: readonly (number | Error)[]): void;
  /** How often policies were asked for. */
  readonly syncs: number;
  /** What the server says from now on; nothing at the beginning. */
  serve(policies: readonly ServedPolicy[], allowlist?: readonly ServedAllowance[]): void;
  /** The same as `failNext` for policies. */
  failNextSync(...failures: readonly (number | Error)[]): void;
}

/** Records requests instead of sending them. */
export function recordingFetch(): RecordingFetch {
  const requests: RecordedRequest[] = [];
  const taken = new Map<string, RuneEvent>();
  const failures: (number | Error)[] = [];
  const syncFailures: (number | Error)[] = [];
  let served: object = { policies: [], allowlist: [] };
  let syncs = 0;
  return {
    requests,
    get syncs() {
      return syncs;
    },
    serve(policies, allowlist = []) {
      served = { policies, allowlist };
    },
    failNextSync(...more) {
      syncFailures.push(...more);
    },
    get events() {
      return [...taken.values()];
    },
    failNext(...more) {
      failures.push(...more);
    },
    async fetch(url, init) {
      if (init.method === "GET") {
        syncs += 1;
        return fail(syncFailures.shift()) ?? Response.json(served);
      }
      const body = String(init.body);
      const { events } = JSON.parse(body) as { events: RuneEvent[] };
      requests.push({ url, headers: Object.fromEntries(new Headers(init.headers)), body, events });
      const failed = fail(failures.shift());
      if (failed !== null) return failed;
      for (const event of events) taken.set(event.event_id, event);
      return Response.json({ accepted: events.length }, { status: 202 });
    },
  };
}

function fail(failure: number | Error | undefined): Response | null {
  if (failure instanceof Error) throw failure;
  return failure === undefined ? null : new Response(null, { status: failure });
}
