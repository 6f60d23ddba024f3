import { ConfigurationError } from "./errors.js";
import { kindOf } from "./expectation.js";

/** The variables this package reads; an empty one counts as unset. */
export interface Environment {
  readonly RUNE_API_KEY?: string;
  readonly RUNE_API_ENDPOINT?: string;
  readonly RUNE_EVENTS_ENDPOINT?: string;
  readonly RUNE_AGENT_ID?: string;
  readonly RUNE_AGENT_TAGS?: string;
  readonly RUNE_DEBUG?: string;
}

const NAMES = [
  "RUNE_API_KEY",
  "RUNE_API_ENDPOINT",
  "RUNE_EVENTS_ENDPOINT",
  "RUNE_AGENT_ID",
  "RUNE_AGENT_TAGS",
  "RUNE_DEBUG",
] as const satisfies readonly (keyof Environment)[];

interface Scope {
  readonly document?: unknown;
  readonly process?: {
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly versions?: { readonly node?: string };
  };
}

/**
 * Reads the environment where a real one exists. A browser has none, even when a bundler gives it a `process`;
 * Deno without permission throws at the first touch, which means the same as an unset variable.
 */
export function readEnvironment(scope: Scope = globalThis as Scope): Environment {
  if (scope.document !== undefined || scope.process?.versions?.node === undefined) return {};
  const found: Record<string, string> = {};
  for (const name of NAMES) {
    const value = variable(scope, name);
    if (value !== undefined && value !== "") found[name] = value;
  }
  return found;
}

/**
 * Reads the same from the bindings of a Worker.
 *
 * @throws {ConfigurationError} when one is something else than a text, as a secret of a store is, which must be fetched first
 */
export function readBindings(bindings: object): Environment {
  const found: Record<string, string> = {};
  for (const name of NAMES) {
    const value = (bindings as Record<string, unknown>)[name];
    if (value === undefined || value === "") continue;
    if (typeof value !== "string")
      throw new ConfigurationError(`\`env.${name}\` must be a string, got ${kindOf(value)}`);
    found[name] = value;
  }
  return found;
}

function variable(scope: Scope, name: string): string | undefined {
  try {
    return scope.process?.env?.[name];
  } catch {
    return undefined;
  }
}
