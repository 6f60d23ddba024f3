import type { PolicyAction, Severity } from "../types.js";

/** A rule in force, as the core's table tells it. Its position in the table is its number. */
export interface Rule {
  readonly document: string;
  readonly name: string;
  /** The category of a scanner rule, the type of any other. */
  readonly kind: string;
  readonly action: PolicyAction;
  readonly severity: Severity;
  readonly message: string;
  readonly limit: Limit | null;
  readonly checks: readonly Check[];
}

/** How many calls a rate limit allows, and whom it counts them for. */
export interface Limit {
  readonly per: "agent" | "tool" | "session" | "global";
  readonly maxCalls: number;
  readonly windowSeconds: number;
}

/** A condition on the arguments at one path. */
export interface Check {
  /** From the parameters inwards: a key, an index, or null for every member. */
  readonly path: readonly (string | number | null)[];
  /** Whether the core is to be given the host in a text instead of the text. */
  readonly wantsHost: boolean;
  readonly message: string;
}

/** Something wrong in a document; line 0 when it is at no particular place. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
