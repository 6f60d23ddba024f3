import { Core, checkCases, TRAPPED } from "../engine.js";
import { ConfigurationError, RuneError } from "../errors.js";
import { check, kindOf, TEXT, TEXTS } from "../expectation.js";
import type { PolicyCases, PolicyLint, PolicyTextOptions } from "../types.js";
import { policyError, refuseOversize } from "./policies.js";
import type { Problem } from "./rules.js";

/**
 * Reads a policy without putting it in force.
 *
 * @param yaml a policy document
 * @returns its name, its rules, and warnings about what is allowed and hardly meant
 * @throws {PolicyError} when it cannot be used
 * @throws {ConfigurationError} when an option is unknown or ill-typed
 */
export function lintPolicy(yaml: string, options?: PolicyTextOptions): PolicyLint {
  const { label, file, customPatterns } = resolve("policy", yaml, options);
  const core = new Core(() => new Uint8Array(16), customPatterns);
  return read<PolicyLint>(
    core.runPolicies((policies) => policies.lint(yaml)),
    label,
    file,
  );
}

/**
 * Reads a file of cases (`*.test.yaml`), by which a policy is tested.
 *
 * @throws {PolicyError} when it cannot be used
 * @throws {ConfigurationError} when an option is unknown or ill-typed
 */
export function readPolicyCases(yaml: string, options?: Omit<PolicyTextOptions, "customPatterns">): PolicyCases {
  const { label, file } = resolve("cases", yaml, options);
  return read<PolicyCases>(checkCases(yaml), label, file);
}

interface Resolved {
  readonly label: string;
  readonly file: string | null;
  readonly customPatterns: readonly string[];
}

function resolve(what: string, yaml: string, options: PolicyTextOptions | undefined): Resolved {
  if (typeof yaml !== "string") throw new ConfigurationError(`${what} must be a YAML text, got ${kindOf(yaml)}`);
  check(options, { file: TEXT, customPatterns: TEXTS }, "option");
  const file = options?.file ?? null;
  refuseOversize(file ?? what, file, yaml);
  return { label: file ?? what, file, customPatterns: options?.customPatterns ?? [] };
}

function read<T extends object>(json: string | typeof TRAPPED, label: string, file: string | null): T {
  if (json === TRAPPED) throw new RuneError("core_failed", `${label} could not be read: the core failed`);
  const told = JSON.parse(json) as T | { errors: Problem[] };
  if ("errors" in told) throw policyError(label, file, told.errors);
  return told;
}
