import type { Denial, PolicyResult, ScanResult, Violation } from "./types.js";

/** Marks our errors across duplicated copies of this package, where `instanceof` lies. */
const MARKER: symbol = Symbol.for("@runesec/scanner/error");

/**
 * The base of every error this package throws.
 *
 * `code` is stable: programs may compare it; messages may be reworded. No message ever holds scanned text or an API key.
 */
export class RuneError extends Error {
  /** What went wrong, as a word that does not change between releases. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "RuneError";
    this.code = code;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** Whether `value` is an error of this package, whichever copy of it made the error. */
  static isInstance(value: unknown): value is RuneError {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[MARKER] === true;
  }
}

/** An option or argument is unknown, ill-typed or out of range; the message names it, what was expected and what came. */
export class ConfigurationError extends RuneError {
  constructor(message: string) {
    super("invalid_configuration", message);
    this.name = "ConfigurationError";
  }

  static override isInstance(value: unknown): value is ConfigurationError {
    return RuneError.isInstance(value) && value.code === "invalid_configuration";
  }
}

/** What is wrong in a policy, and where; a line of 0 is no particular place. */
export interface PolicyProblem {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in characters. */
  readonly column: number;
  readonly message: string;
}

/** A policy cannot be used. The message names the file (or where the text came from), line, column and what is wrong. */
export class PolicyError extends RuneError {
  /** The file it stands in; null when it came as text. */
  readonly file: string | null;
  /** Where the first problem is, counted from 1; null when it is at no particular place. */
  readonly line: number | null;
  readonly column: number | null;
  /** All that was found wrong, at most twenty problems. */
  readonly problems: readonly PolicyProblem[];

  constructor(message: string, file: string | null, problems: readonly PolicyProblem[] = []) {
    super("invalid_policy", message);
    this.name = "PolicyError";
    this.file = file;
    this.line = problems[0]?.line || null;
    this.column = problems[0]?.column || null;
    this.problems = Object.freeze(problems.map((problem) => Object.freeze({ ...problem })));
  }

  static override isInstance(value: unknown): value is PolicyError {
    return RuneError.isInstance(value) && value.code === "invalid_policy";
  }
}

/**
 * The policies of the server could not be brought up to date. It is never thrown: `onWarning` is told, and what was in force stays so.
 */
export class PolicySyncError extends RuneError {
  /** What went wrong, without the beginning of the message. */
  readonly reason: string;

  constructor(reason: string) {
    super("policy_sync_failed", `Policy sync failed: ${reason}`);
    this.name = "PolicySyncError";
    this.reason = reason;
  }

  static override isInstance(value: unknown): value is PolicySyncError {
    return RuneError.isInstance(value) && value.code === "policy_sync_failed";
  }
}

/** The content is nothing that text can be read from: a function, a promise, bytes, `undefined`. */
export class ContentError extends RuneError {
  constructor(message: string) {
    super("invalid_content", message);
    this.name = "ContentError";
  }

  static override isInstance(value: unknown): value is ContentError {
    return RuneError.isInstance(value) && value.code === "invalid_content";
  }
}

/** L2 was asked for and cannot work: there is no model, or one that does not fit. The message says what to do. */
export class L2UnavailableError extends RuneError {
  constructor(reason: string) {
    super("l2_unavailable", `L2 scanner not available: ${reason}`);
    this.name = "L2UnavailableError";
  }

  static override isInstance(value: unknown): value is L2UnavailableError {
    return RuneError.isInstance(value) && value.code === "l2_unavailable";
  }
}

/** A call was stopped: by what is in its arguments, by a policy, or by what is in its result. */
export class ShieldBlockedError extends RuneError {
  /** The scan that blocked: of the result, else of the arguments. */
  readonly scanResult: ScanResult;
  /** What the policies said about the call. */
  readonly policyResult: PolicyResult;

  constructor(scanResult: ScanResult, policyResult: PolicyResult) {
    super("blocked", `blocked: ${reasonOf(scanResult, policyResult).message}`);
    this.name = "ShieldBlockedError";
    this.scanResult = scanResult;
    this.policyResult = policyResult;
  }

  /** What the model may be told instead of a result: plain, and nothing of the call is in it. */
  toDenial(): Denial {
    return denialBy(this.policyResult.violations, reasonOf(this.scanResult, this.policyResult));
  }

  static override isInstance(value: unknown): value is ShieldBlockedError {
    return RuneError.isInstance(value) && value.code === "blocked";
  }
}

/** A denial for a reason, which can be tried again when all that blocks are limits that time lifts. */
export function denialBy(violations: readonly Violation[], { kind, message }: Reason): Denial {
  const blocking = violations.filter(({ action }) => action === "block");
  const waits = blocking.map(({ retryAfterMs }) => retryAfterMs ?? Number.POSITIVE_INFINITY);
  const retryAfterMs = Math.max(0, ...waits);
  const retryable = blocking.length > 0 && Number.isFinite(retryAfterMs);
  return { denied: true, reason: kind, message, retryable, retryAfterMs: retryable ? retryAfterMs : null };
}

/** What a person or a model is told: the first violation that blocks; null when none does. */
export function blockingReason(violations: readonly Violation[]): Reason | null {
  const violation = violations.find(({ action }) => action === "block");
  if (violation === undefined) return null;
  const by = violation.rule === null ? "" : ` (\`${violation.policy}/${violation.rule}\`)`;
  return { kind: violation.kind, message: `${violation.message}${by}` };
}

/** The same of a call, else the finding that blocks. */
function reasonOf(scan: ScanResult, policy: PolicyResult): Reason {
  const kind = scan.threatType ?? scan.failedOpen ?? "unknown";
  return (
    blockingReason([...policy.violations, ...scan.violations]) ?? { kind, message: `${kind} in the result of the call` }
  );
}

type Reason = Pick<Violation, "kind" | "message">;
