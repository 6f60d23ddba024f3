import type { CorePolicies } from "../engine.js";
import type { Check } from "./rules.js";

/** What the core is told about a value; the numbers are those of `Policies.passes`. */
const KINDS = { absent: 0, text: 1, number: 2, false: 3, true: 4, null: 5, list: 6, other: 7 } as const;

interface Argument {
  readonly kind: number;
  readonly number: number;
  readonly text: string;
}

const ABSENT: Argument = { kind: KINDS.absent, number: 0, text: "" };
const OTHER: Argument = { kind: KINDS.other, number: 0, text: "" };

/** Most values that one check looks at; a call with more of them does not pass. */
const MAX_VALUES = 10_000;

/** Whether all values at the check's path pass it. What cannot be read passes nothing. */
export function passes(core: CorePolicies, rule: number, index: number, check: Check, params: unknown): boolean {
  const found = valuesAt(params, check.path);
  return found.every((value) => {
    const { kind, number, text } = check.wantsHost ? hostArgument(value) : argumentOf(value);
    return core.passes(rule, index, kind, number, text);
  });
}

const UNREADABLE: unique symbol = Symbol("unreadable");

/** The values at a path; one `undefined` where there is none. */
function valuesAt(params: unknown, path: Check["path"]): unknown[] {
  let values: unknown[] = [params];
  for (const step of path) {
    const next: unknown[] = [];
    for (const value of values) next.push(...membersAt(value, step));
    if (next.length > MAX_VALUES) return [UNREADABLE];
    values = next;
  }
  return values;
}

function membersAt(value: unknown, step: string | number | null): unknown[] {
  if (value === UNREADABLE || typeof value !== "object" || value === null) return [undefined];
  try {
    if (step !== null) return [(value as Record<string | number, unknown>)[step]];
    const members = Object.values(value);
    return members.length > MAX_VALUES ? [UNREADABLE] : members;
  } catch {
    return [UNREADABLE];
  }
}

function argumentOf(value: unknown): Argument {
  switch (typeof value) {
    case "undefined":
      return ABSENT;
    case "string":
      return { kind: KINDS.text, number: 0, text: value };
    case "number":
    case "bigint":
      return { kind: KINDS.number, number: Number(value), text: "" };
    case "boolean":
      return { ...OTHER, kind: value ? KINDS.true : KINDS.false };
    default:
      if (value === null) return { ...OTHER, kind: KINDS.null };
      return Array.isArray(value) ? { kind: KINDS.list, number: value.length, text: "" } : OTHER;
  }
}

function hostArgument(value: unknown): Argument {
  if (typeof value !== "string") return value === undefined ? ABSENT : OTHER;
  const host = hostOf(value);
  return host === null ? OTHER : { kind: KINDS.text, number: 0, text: host };
}

/**
 * The host that a URL, a mail address or a bare host name leads to, in lower case and ASCII, as every fetch would read
 * it; null when programs could read it differently, such as with a backslash, a blank or two addresses.
 */
export function hostOf(text: string): string | null {
  if (/[\s\\\p{Cc},;<>"]/u.test(text)) return null;
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/|\/\/)?(.*)$/i.exec(text) ?? [];
  const [authority = ""] = rest.split(/[/?#]/, 1);
  const [user = "", host, more] = authority.split("@");
  // `mailto:…` and `user:password@…` without a scheme are neither a mail address nor a URL.
  if (more !== undefined || (scheme === "" && host !== undefined && user.includes(":"))) return null;
  try {
    const url = scheme.length > 2 ? text : `http://${rest}`;
    const { hostname } = new URL(url);
    return hostname.toLowerCase().replace(/\.$/, "") || null;
  } catch {
    return null;
  }
}
