import { ConfigurationError } from "../errors.js";
import { CALLBACK, check, type Expectation, kindOf, TEXT, TEXTS } from "../expectation.js";

/** Whether a value can scan as a Shield does. */
export function isShield(value: unknown): boolean {
  return typeof (value as { scanInput?: unknown } | null | undefined)?.scanInput === "function";
}

/** The options that say who acts. */
export const ACTOR: Readonly<Record<string, Expectation>> = { agentId: TEXT, agentTags: TEXTS, sessionId: TEXT };

/** The options that say how calls of tools are guarded. */
export const TOOL_GUARD: Readonly<Record<string, Expectation>> = { ...ACTOR, policies: TEXTS, action: CALLBACK };

/**
 * Checks what an adapter is called with.
 *
 * @throws {ConfigurationError} when the Shield is none, or an option is unknown or ill-typed
 */
export function checkCall(
  name: string,
  shield: unknown,
  options: unknown,
  table: Readonly<Record<string, Expectation>>,
): void {
  if (!isShield(shield)) throw new ConfigurationError(`\`${name}\` needs a Shield, got ${kindOf(shield)}`);
  check(options, table, "option");
}
