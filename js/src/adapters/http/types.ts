import type { Actor, Guarding } from "../guarding.js";

/** How the AI routes of an HTTP server are guarded. */
export interface HttpGuardOptions extends Actor {
  /** The Shield, or what makes it of the bindings at the first request: `(env) => new Shield({ env })`. */
  // biome-ignore lint/suspicious/noExplicitAny: the bindings are the application's
  readonly shield: Guarding | ((env: any) => Guarding);
  /** Says of a request who acts, such as the session of its user; what it leaves out is as the other options say. */
  readonly actorOf?: ((request: Request) => Actor) | undefined;
  /** Restricts what is asked about calls of tools to these documents and rules. */
  readonly policies?: readonly string[] | undefined;
  /** Roles whose messages are not scanned in a request, such as `["system"]` where the client is your own server. Default: none. */
  readonly trustedRoles?: readonly string[] | undefined;
  /** Whether the judge of the Shield is asked about requests, and waited for. Default false. */
  readonly asksJudge?: boolean | undefined;
  /**
   * Bytes, 1 or more, default 1,048,576, of a request's body; a longer one is answered with 413. As long may an event be in a
   * streamed answer, and in UTF-16 units all its calls of tools; what is longer ends the answer with an error.
   */
  readonly maxBodyBytes?: number | undefined;
}
