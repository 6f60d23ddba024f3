import { ConfigurationError } from "../errors.js";
import { BOOLEAN, describe, type Expectation, integerFrom, kindOf } from "../expectation.js";
import type { RateLimit } from "./store.js";

const LIMIT = {
  key: { expected: "a string", accepts: (value) => typeof value === "string" },
  maxCalls: integerFrom(1),
  windowMs: {
    expected: "a finite number of milliseconds above 0",
    accepts: (value) => Number.isFinite(value) && (value as number) > 0,
  },
  isEnforced: BOOLEAN,
} as const satisfies Record<keyof RateLimit, Expectation>;

/**
 * Checks what a store is handed; what else a limit carries is none of its business.
 *
 * @throws {ConfigurationError} naming the field, what was expected and what came
 */
export function checkLimits(limits: unknown): asserts limits is readonly RateLimit[] {
  if (!Array.isArray(limits)) throw new ConfigurationError(`expected an array of limits, got ${kindOf(limits)}`);
  for (const limit of limits as unknown[]) checkLimit(limit);
  if (new Set((limits as RateLimit[]).map(({ key }) => key)).size < limits.length) {
    throw new ConfigurationError("two limits of one call have the same `key`");
  }
}

/**
 * Checks one limit.
 *
 * @throws {ConfigurationError} naming the field, what was expected and what came
 */
export function checkLimit(limit: unknown): asserts limit is RateLimit {
  if (typeof limit !== "object" || limit === null)
    throw new ConfigurationError(`expected a limit, got ${kindOf(limit)}`);
  for (const [name, { expected, accepts }] of Object.entries(LIMIT)) {
    const value = (limit as Record<string, unknown>)[name];
    if (accepts(value)) continue;
    throw new ConfigurationError(`limit field \`${name}\` must be ${expected}, got ${describe(value)}`);
  }
}
