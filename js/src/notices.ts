import type { RuneEvent } from "./events/event.js";
import type { Finding, FindingContext, ShieldConfig, Warning } from "./types.js";

/** Tells the caller's hooks. A hook can neither stop a scan nor be told the same cause twice. */
export class Notices {
  readonly #onFinding: ShieldConfig["onFinding"];
  readonly #onWarning: ShieldConfig["onWarning"];
  readonly #onEvent: ShieldConfig["onEvent"];
  readonly #warned = new Set<string>();

  constructor({ onFinding, onWarning, onEvent }: Pick<ShieldConfig, "onFinding" | "onWarning" | "onEvent">) {
    this.#onFinding = onFinding;
    this.#onWarning = onWarning;
    this.#onEvent = onEvent;
  }

  finding(finding: Finding, context: FindingContext): void {
    const onFinding = this.#onFinding;
    if (onFinding === undefined) return;
    guard(
      () => onFinding(finding, context),
      () => this.warn("hook_failed", "`onFinding` threw an error, which was ignored"),
    );
  }

  event(event: RuneEvent): void {
    const onEvent = this.#onEvent;
    if (onEvent === undefined) return;
    guard(
      () => onEvent(event),
      () => this.warn("hook_failed", "`onEvent` threw an error, which was ignored"),
    );
  }

  /** @param error what happened, where there is an error for it; each is told once */
  warn(cause: string, message: string, error?: Error): void {
    const key = error === undefined ? cause : `${cause} ${message}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    const onWarning = this.#onWarning ?? toConsole;
    const warning = Object.freeze(error === undefined ? { cause, message } : { cause, message, error });
    // A warning about a failed warning would fail the same way.
    guard(
      () => onWarning(warning),
      () => {},
    );
  }
}

/** Prints to stderr where there is one: in Node, `console.debug` writes to stdout, where a program's own output goes. */
export function printDebug(line: string): void {
  if (hasStderr()) console.error(line);
  else console.debug(line);
}

function hasStderr(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}

/** Prints a line for somebody who operates the agent. */
export function printWarning(line: string): void {
  console.warn(`@runesec/scanner: ${line}`);
}

function toConsole({ cause, message }: Warning): void {
  printWarning(`${message} (${cause})`);
}

/** Calls a hook that may throw, or be an `async` function that rejects. */
function guard(call: () => unknown, onFailure: () => void): void {
  try {
    const answer = call();
    if (answer instanceof Promise) answer.catch(onFailure);
  } catch {
    onFailure();
  }
}
