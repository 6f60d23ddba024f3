import type { RuneEvent } from "../events/event.js";

/** A request that was recorded. */
export interface RecordedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it was sent. */
  readonly body: string;
  readonly events: readonly RuneEvent[];
}

/** A `fetch` for `new Shield({ fetch })` that plays the server of events. */
export interface RecordingFetch {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly requests: readonly RecordedRequest[];
  /** The events that the server has taken, oldest first; each once, however often it came. */
  readonly events: readonly RuneEvent[];
  /** Makes the next requests fail with these: a status, or an error that `fetch` throws. After them all is well again. */
  failNext(...failures: readonly (number | Error)[]): void;
}

/** Records requests instead of sending them. */
export function recordingFetch(): RecordingFetch {
  const requests: RecordedRequest[] = [];
  const taken = new Map<string, RuneEvent>();
  const failures: (number | Error)[] = [];
  return {
    requests,
    get events() {
      return [...taken.values()];
    },
    failNext(...more) {
      failures.push(...more);
    },
    async fetch(url, init) {
      const body = String(init.body);
      const { events } = JSON.parse(body) as { events: RuneEvent[] };
      requests.push({ url, headers: Object.fromEntries(new Headers(init.headers)), body, events });
      const failure = failures.shift();
      if (failure instanceof Error) throw failure;
      if (failure !== undefined) return new Response(null, { status: failure });
      for (const event of events) taken.set(event.event_id, event);
      return Response.json({ accepted: events.length }, { status: 202 });
    },
  };
}
