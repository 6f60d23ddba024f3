import { PolicySyncError } from "../errors.js";
import { describe } from "../expectation.js";

/** A policy as the server keeps it. */
export interface CloudPolicy {
  readonly id: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly yaml: string;
}

/** A finding that the server knows to be false. */
export interface CloudAllowed {
  readonly patternId: string;
  /** 16 hexadecimal digits. */
  readonly fingerprint: string;
  /** The only agent it is false for; null means all. */
  readonly agentId: string | null;
}

/** All that the server has to say. */
export interface CloudSet {
  readonly policies: readonly CloudPolicy[];
  readonly allowlist: readonly CloudAllowed[];
}

const MAX_ALLOWED = 10_000;
const MAX_POLICIES = 1000;

/** What a field must be, in words and as a test. */
interface Field {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  readonly isOptional?: true;
}

const NAME: Field = {
  expected: "a string of 1 to 200 characters",
  accepts: (value) => typeof value === "string" && value !== "" && value.length <= 200,
};
const POLICY = {
  id: NAME,
  name: NAME,
  version: {
    expected: "a string or a number",
    accepts: (value) => typeof value === "string" || typeof value === "number",
  },
  active: { expected: "a boolean", accepts: (value) => typeof value === "boolean" },
  yaml: { expected: "a string", accepts: (value) => typeof value === "string" },
} as const satisfies Record<string, Field>;
const ALLOWED = {
  id: NAME,
  pattern_id: NAME,
  fingerprint: {
    expected: "16 hexadecimal digits",
    accepts: (value) => typeof value === "string" && /^[0-9a-f]{16}$/.test(value),
  },
  agent_id: { ...NAME, isOptional: true },
} as const satisfies Record<string, Field>;

/**
 * Reads the server's answer. Fields that are unknown are left to later versions; what is known must be right in every entry.
 *
 * @returns null when it is no JSON object, as when something else than the server has answered
 * @throws {PolicySyncError} naming the entry, what was expected and what came
 */
export function readAnswer(text: string): CloudSet | null {
  const answer = parsed(text);
  if (answer === null) return null;
  const policies = entries(answer, "policies", MAX_POLICIES, POLICY);
  // Who keeps policies need not keep an allowlist.
  const allowlist = answer["allowlist"] === undefined ? [] : entries(answer, "allowlist", MAX_ALLOWED, ALLOWED);
  return {
    policies: policies.map(({ id, name, active, yaml }) => ({
      id: id as string,
      name: name as string,
      isActive: active as boolean,
      yaml: yaml as string,
    })),
    allowlist: allowlist.map(({ pattern_id, fingerprint, agent_id }) => ({
      patternId: pattern_id as string,
      fingerprint: fingerprint as string,
      agentId: (agent_id ?? null) as string | null,
    })),
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

function entries<F extends string>(
  answer: Readonly<Record<string, unknown>>,
  key: string,
  most: number,
  fields: Readonly<Record<F, Field>>,
): Record<F, unknown>[] {
  const list = answer[key];
  if (!Array.isArray(list)) throw unexpected(key, "an array", list);
  if (list.length > most) throw new PolicySyncError(`\`${key}\` has ${list.length} entries, at most ${most} are read`);
  list.forEach((entry: unknown, index) => {
    const place = `${key}[${index}]`;
    if (typeof entry !== "object" || entry === null) throw unexpected(place, "an object", entry);
    for (const [name, field] of Object.entries<Field>(fields)) {
      const value = Object.hasOwn(entry, name) ? (entry as Record<string, unknown>)[name] : undefined;
      const isAbsent = field.isOptional === true && (value === undefined || value === null);
      if (!isAbsent && !field.accepts(value)) throw unexpected(`${place}.${name}`, field.expected, value);
    }
  });
  return list;
}

function unexpected(place: string, expected: string, got: unknown): PolicySyncError {
  return new PolicySyncError(`\`${place}\` must be ${expected}, got ${describe(got)}`);
}
