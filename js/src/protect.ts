import { ConfigurationError, ContentError, ShieldBlockedError } from "./errors.js";
import { isPromise } from "./expectation.js";
import type { OnBlock, PolicyResult, ProtectOptions, ScanResult, ToolAction } from "./types.js";

// What a caller's function takes and gives back is the caller's; only here it cannot be said.
// biome-ignore lint/suspicious/noExplicitAny: any function is a function that can be protected
type AnyFunction = (...args: any[]) => unknown;

/** Wraps a function, or decorates a method; the result has the type of what it was given. */
export type Protector = <F extends AnyFunction>(fn: F, context?: { readonly name: string | symbol }) => F;

/** What a decision about a call came to. */
export interface Decision {
  readonly policyResult: PolicyResult;
  /** What the scan of the arguments came to; made only when somebody asks. */
  readonly scanResult: () => ScanResult;
  /**
   * Scans what the call returned.
   *
   * @throws {ContentError} when it is nothing that text can be read from
   */
  readonly inspect: (result: unknown) => ScanResult;
  /** The same, waiting for the judge. */
  readonly inspectAsync: (result: unknown) => Promise<ScanResult>;
  /** Reports the call, to be called once, with all that was scanned for it; `isAlert` tells a block as an alert. */
  readonly report: (isAlert: boolean) => void;
}

/** What protecting needs of a Shield. */
export interface Guard {
  readonly onBlock: OnBlock;
  /** What decisions must wait for, if anything. */
  readonly waitsFor: string | null;
  decide(action: ToolAction): Decision;
  decideAsync(action: ToolAction): Promise<Decision>;
  /** Writes a line for somebody who operates the agent. */
  print(line: string): void;
}

/** One call as the guard sees it. */
interface Call {
  readonly action: ToolAction;
  readonly run: () => unknown;
}

/**
 * Puts a guard around functions: the arguments are scanned and held against the policies before they run, what they
 * return is scanned before the caller has it.
 *
 * @throws {ConfigurationError} (when it wraps) for a function without a name, and for one that cannot wait but must
 */
export function protectorOf(guard: Guard, options: ProtectOptions): Protector {
  const onBlock = options.onBlock ?? guard.onBlock;
  return (fn, context) => {
    if (typeof fn !== "function") throw new ConfigurationError(`\`protect\` wraps a function, got ${typeof fn}`);
    const name = nameOf(fn, context, options);
    const waits = options.async ?? fn.constructor.name === "AsyncFunction";
    if (guard.waitsFor !== null && !waits) {
      throw new ConfigurationError(
        `\`${name}\` must wait for ${guard.waitsFor}: make it an \`async\` function, or say \`async: true\``,
      );
    }
    const wrapped = function (this: unknown, ...args: unknown[]): unknown {
      const call = { action: actionOf(name, args, options), run: () => fn.apply(this, args) };
      return waits ? runWaiting(guard, call, onBlock) : runAtOnce(guard, call, onBlock);
    };
    Object.defineProperties(wrapped, {
      name: { value: fn.name, configurable: true },
      length: { value: fn.length, configurable: true },
    });
    return wrapped as typeof fn;
  };
}

function runAtOnce(guard: Guard, { action, run }: Call, onBlock: OnBlock): unknown {
  const decision = guard.decide(action);
  if (decision.policyResult.blocked) return refuse(guard, decision, null, onBlock);
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    decision.report(false);
    throw error;
  }
  if (!isPromise(result)) return inspect(guard, decision, result, onBlock);
  return result.then(
    (value) => inspect(guard, decision, value, onBlock),
    (error: unknown) => {
      decision.report(false);
      throw error;
    },
  );
}

async function runWaiting(guard: Guard, { action, run }: Call, onBlock: OnBlock): Promise<unknown> {
  const decision = await guard.decideAsync(action);
  if (decision.policyResult.blocked) return refuse(guard, decision, null, onBlock);
  let result: unknown;
  try {
    result = await run();
  } catch (error) {
    decision.report(false);
    throw error;
  }
  return conclude(guard, decision, result, await scanWaiting(decision, result), onBlock);
}

function inspect(guard: Guard, decision: Decision, result: unknown, onBlock: OnBlock): unknown {
  return conclude(guard, decision, result, scanAtOnce(decision, result), onBlock);
}

/** Hands on what the function returned, unless what is in it blocks. What cannot be read passes. */
function conclude(
  guard: Guard,
  decision: Decision,
  result: unknown,
  scanResult: ScanResult | null,
  onBlock: OnBlock,
): unknown {
  if (scanResult?.blocked === true) return refuse(guard, decision, scanResult, onBlock);
  decision.report(false);
  return result;
}

/** The scan of what the function returned; null when it is nothing that text can be read from. */
function scanAtOnce(decision: Decision, result: unknown): ScanResult | null {
  if (!mayHoldText(result)) return null;
  try {
    return decision.inspect(result);
  } catch (error) {
    return nullIfUnreadable(error);
  }
}

async function scanWaiting(decision: Decision, result: unknown): Promise<ScanResult | null> {
  if (!mayHoldText(result)) return null;
  try {
    return await decision.inspectAsync(result);
  } catch (error) {
    return nullIfUnreadable(error);
  }
}

function mayHoldText(result: unknown): boolean {
  return typeof result === "string" || (typeof result === "object" && result !== null);
}

function nullIfUnreadable(error: unknown): null {
  if (ContentError.isInstance(error)) return null;
  throw error;
}

function refuse(guard: Guard, decision: Decision, result: ScanResult | null, onBlock: OnBlock): undefined {
  decision.report(onBlock === "alert");
  const error = new ShieldBlockedError(result ?? decision.scanResult(), decision.policyResult);
  if (onBlock === "raise") throw error;
  if (onBlock === "log") guard.print(error.message);
  return undefined;
}

function nameOf(
  fn: AnyFunction,
  context: { readonly name: string | symbol } | undefined,
  options: ProtectOptions,
): string {
  const name = typeof options.action === "string" ? options.action : String(context?.name ?? fn.name);
  if (name === "" && options.action === undefined) {
    throw new ConfigurationError("a function without a name needs `action`: what policies call it");
  }
  return name;
}

function actionOf(name: string, args: unknown[], options: ProtectOptions): ToolAction {
  const { action, params, sessionId, agentId, agentTags, policies } = options;
  return {
    action: typeof action === "function" ? action(...args) : name,
    params: params === undefined ? defaultParams(args) : params(...args),
    agentId,
    agentTags,
    policies,
    sessionId: typeof sessionId === "function" ? sessionId(...args) : sessionId,
  };
}

/** The only argument if it is a plain object, else all of them. */
function defaultParams(args: unknown[]): unknown {
  const [first] = args;
  return args.length === 1 && isPlain(first) ? first : { args };
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
