import { CATEGORIES, SEVERITIES, weightsOf } from "../catalog.js";
import { type Core, type CorePolicies, TRAPPED } from "../engine.js";
import { ConfigurationError, PolicyError, RuneError } from "../errors.js";
import { unknownName } from "../expectation.js";
import type { Category, Direction, Finding, PolicyAction, PolicySummary, Violation } from "../types.js";
import { passes } from "./arguments.js";
import type { CloudPolicy } from "./cloud-answer.js";
import { cloudName, freeName, isCloud, meansAnyOf, meansDocument, meansRule, refusalOf } from "./names.js";
import type { Problem, Rule } from "./rules.js";

/** A document before it is read. */
export interface PolicySource {
  /** What messages call it: its file, or where it stands in the configuration. */
  readonly label: string;
  readonly file: string | null;
  readonly yaml: string;
}

/** Who acts, which way, and which policies were asked for; null means all. */
export interface Subject {
  readonly agentId: string | null;
  readonly agentTags: readonly string[];
  readonly direction: Direction;
  readonly policies: readonly string[] | null;
}

/** The rules that speak to a subject. */
export interface Profile {
  /** For the core: each rule's number times four, and its tier. */
  readonly speaking: Uint32Array;
  /** Their names, as `document/rule`. */
  readonly evaluated: readonly string[];
  readonly plans: Map<string, Plan>;
}

/** What the rules that speak want of the calls of one tool. */
export interface Plan {
  readonly violations: readonly Violation[];
  readonly counts: readonly Rule[];
  readonly checks: readonly number[];
  readonly taints: readonly Rule[];
  readonly guards: readonly Rule[];
}

/** What a rule has to do with a subject. */
export interface Standing {
  readonly rule: Rule;
  readonly standing: "not_asked" | "other_direction" | "other_subject" | "overruled" | "speaks";
  readonly tier: "everyone" | "tags" | "agent_glob" | "agent" | null;
}

/** What follows from findings. */
export interface Consequences {
  readonly action: PolicyAction | "allow";
  /** Strictest first. */
  readonly violations: readonly Violation[];
  /** Whether the core failed, so that nothing follows. */
  readonly isTrapped: boolean;
}

const TIERS = ["everyone", "tags", "agent_glob", "agent"] as const;
/** The least code of a rule that speaks. */
const SPEAKS = 8;
const DIRECTIONS = { input: 0, output: 1 } as const satisfies Record<Direction, number>;
const ACTIONS = ["log", "alert", "block"] as const satisfies readonly PolicyAction[];
/** What follows from no findings. */
export const NO_CONSEQUENCES: Consequences = Object.freeze({
  action: "allow",
  violations: Object.freeze([]),
  isTrapped: false,
});
/** What follows when the core fails. */
export const UNJUDGED: Consequences = Object.freeze({ ...NO_CONSEQUENCES, isTrapped: true });
/** How strict an action is. */
export const STRICTNESS = { allow: 0, log: 1, alert: 2, block: 3 } as const;

/**
 * Most plans that are kept; an agent counts as one, too, and a profile as one for each sixteen rules. When there are more, all
 * are made anew. So neither a flood of agents nor one of tools can take memory, and a decision costs the same with any number
 * of rules.
 */
const MAX_PLANS = 10_000;
/** A name longer than this, in UTF-16 units, is not kept. */
const MAX_KEPT_LENGTH = 512;

interface Document {
  readonly label: string;
  readonly yaml: string;
}

/** The documents in force, and what they say. */
export class Policies {
  readonly #core: Core;
  readonly #defaultCalls: number;
  #documents: ReadonlyMap<string, Document> = new Map();
  #rules: readonly Rule[] = [];
  #names: readonly string[] = [];
  /** Names of documents that the server keeps but has put out of force. */
  #inactive: readonly string[] = [];
  /** Whether the server has not said yet what holds, so that an unknown name may be one of its documents. */
  isAwaitingCloud = false;
  /** By what is the same for many agents, then by agent. */
  readonly #profiles = new Map<string, Map<string | null, Profile>>();
  readonly #shared = new Map<string, Profile>();
  readonly #decoder = new TextDecoder();
  #plans = 0;

  /**
   * @param defaultCalls what a rate limit that names none allows in a minute
   * @throws {PolicyError} when a document cannot be used
   */
  constructor(core: Core, sources: readonly PolicySource[], defaultCalls: number) {
    this.#core = core;
    this.#defaultCalls = defaultCalls;
    core.restorePolicies = (policies) => void this.#set(policies, this.#documents);
    if (sources.length === 0) return;
    const names = sources.map((source) => this.#localNameOf(source));
    const given = new Set(names);
    const documents = new Map<string, Document>();
    sources.forEach((source, number) => {
      const name = names[number] ?? freeName(given);
      const taken = documents.get(name);
      if (taken !== undefined) {
        throw new PolicyError(`${source.label}: document name \`${name}\` is taken by ${taken.label}`, source.file);
      }
      documents.set(name, source);
      given.add(name);
    });
    this.#replace(documents);
  }

  /** Whether there is no document. */
  get isEmpty(): boolean {
    return this.#documents.size === 0;
  }

  /** Whether there is a document that did not come from the server. */
  get hasLocal(): boolean {
    return !this.isEmpty && [...this.#documents.keys()].some((name) => !isCloud(name));
  }

  /** Whether all these documents and rules are known. */
  knows(names: readonly string[]): boolean {
    return names.every((asked) => this.#isKnown(asked));
  }

  /** The documents by name, with the names of their rules. */
  list(): PolicySummary[] {
    return [...this.#documents.keys()].map((name) => {
      const rules = this.#rules.filter(({ document }) => document === name).map((rule) => rule.name);
      return Object.freeze({ name, rules: Object.freeze(rules) });
    });
  }

  /**
   * Adds a document, or replaces the one with its name.
   *
   * @returns its name
   * @throws {PolicyError} when it cannot be used; nothing has changed then
   */
  add(source: PolicySource): string {
    const name = this.#localNameOf(source) ?? freeName(new Set(this.#documents.keys()));
    this.#replace(new Map(this.#documents).set(name, source));
    return name;
  }

  /**
   * Puts the documents of the server in force, all or none, in the place of those it had before. Local ones stay.
   *
   * @throws {PolicyError} when one cannot be used; nothing has changed then
   */
  replaceCloud(policies: readonly CloudPolicy[]): void {
    const documents = new Map([...this.#documents].filter(([name]) => !isCloud(name)));
    for (const { id, name: given, yaml } of policies.filter(({ isActive }) => isActive)) {
      const label = `\`${given}\` (${id})`;
      const own = this.#ownNameOf({ label, file: null, yaml }) ?? given;
      const refusal = refusalOf(own);
      if (refusal !== null) throw new PolicyError(`${label}: ${refusal}`, null);
      const name = cloudName(own);
      const taken = documents.get(name);
      if (taken !== undefined) {
        throw new PolicyError(`${label}: document name \`${own}\` is taken by ${taken.label}`, null);
      }
      documents.set(name, { label, yaml });
    }
    this.#replace(documents);
    this.#inactive = policies.filter(({ isActive }) => !isActive).map(({ name }) => cloudName(name));
    this.isAwaitingCloud = false;
  }

  /**
   * Takes a document out.
   *
   * @throws {ConfigurationError} when there is none of this name, or it is the server's
   */
  remove(name: string): void {
    if (isCloud(name) && this.#documents.has(name)) {
      throw new ConfigurationError(`policy \`${name}\` is the server's: put it out of force there`);
    }
    const documents = new Map(this.#documents);
    if (!documents.delete(name)) throw new ConfigurationError(unknownName("policy", name, [...documents.keys()]));
    this.#replace(documents);
  }

  /**
   * The rules that speak to a subject.
   *
   * @throws {ConfigurationError} when a policy that is asked for is unknown
   */
  profile(subject: Subject): Profile | typeof TRAPPED {
    const { agentId } = subject;
    const group = groupOf(subject);
    const known = this.#profiles.get(group)?.get(agentId);
    if (known !== undefined) return known;
    const codes = this.#codes(subject);
    if (codes === TRAPPED) return TRAPPED;
    const profile = this.#profileOf(codes);
    if (group.length + (agentId?.length ?? 0) <= MAX_KEPT_LENGTH) {
      this.#makeRoom(1);
      const agents = this.#profiles.get(group) ?? new Map<string | null, Profile>();
      this.#profiles.set(group, agents.set(agentId, profile));
    }
    return profile;
  }

  /** The same for all subjects to whom each rule is the same. */
  #profileOf(codes: Uint8Array): Profile {
    // All codes are ASCII.
    const key = this.#decoder.decode(codes);
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const speaking: number[] = [];
    const evaluated: string[] = [];
    codes.forEach((code, number) => {
      if (code < SPEAKS) return;
      speaking.push(number * TIERS.length + (code % TIERS.length));
      evaluated.push(this.#names[number] ?? "");
    });
    const profile = { speaking: Uint32Array.from(speaking), evaluated: Object.freeze(evaluated), plans: new Map() };
    this.#makeRoom(1 + Math.floor(codes.length / 16));
    this.#shared.set(key, profile);
    return profile;
  }

  /** What each rule has to do with a subject, in the order of the documents. */
  standings(subject: Subject): Standing[] | typeof TRAPPED {
    const codes = this.#codes(subject);
    if (codes === TRAPPED) return TRAPPED;
    return this.#rules.map((rule, number) => ({ rule, ...standingOf(codes[number] ?? 0) }));
  }

  /** The same as the core tells it. */
  #codes({ agentId, agentTags, direction, policies }: Subject): Uint8Array | typeof TRAPPED {
    const asked = policies === null ? null : this.#numbersOf(policies);
    return this.#core.runPolicies((core) => core.standings(agentId, [...agentTags], DIRECTIONS[direction], asked));
  }

  /** What the profile's rules want of the calls of a tool. */
  plan(profile: Profile, tool: string): Plan | typeof TRAPPED {
    const known = profile.plans.get(tool);
    if (known !== undefined) return known;
    const roles = this.#core.runPolicies((core) => core.judgeTool(profile.speaking, tool));
    if (roles === TRAPPED) return TRAPPED;
    const withRole = (role: number): number[] => [...roles].filter((_, at) => at % 2 === 0 && roles[at + 1] === role);
    const rules = (role: number): Rule[] => withRole(role).flatMap((number) => this.#rules[number] ?? []);
    const plan = {
      violations: Object.freeze(rules(0).map((rule) => violationOf(rule))),
      counts: rules(1),
      checks: withRole(2),
      taints: rules(3),
      guards: rules(4),
    };
    if (tool.length <= MAX_KEPT_LENGTH) {
      this.#makeRoom(1);
      profile.plans.set(tool, plan);
    }
    return plan;
  }

  /** Those of the names of documents and rules that are still known; null, for all, when none is, or none was asked for. */
  known(names: readonly string[] | null): readonly string[] | null {
    const known = names?.filter((asked) => this.isAwaitingCloud || this.#isKnown(asked)) ?? [];
    return known.length === 0 ? null : known;
  }

  /** The violations of the rules that check arguments, one for each rule. */
  checkArguments(plan: Plan, params: unknown): readonly Violation[] | typeof TRAPPED {
    if (plan.checks.length === 0) return NO_CONSEQUENCES.violations;
    return this.#core.runPolicies((core) =>
      plan.checks.flatMap((number) => {
        const rule = this.#rules[number];
        const failed = rule?.checks.find((check, index) => !passes(core, number, index, check, params));
        return rule === undefined || failed === undefined ? [] : violationOf(rule, { message: failed.message });
      }),
    );
  }

  /**
   * What follows from findings: by the rules that speak about them, and by the layers where none does.
   *
   * @param blocksByItself whether a finding blocks where no rule speaks; null if its strength says so
   */
  judgeFindings(
    profile: Profile,
    findings: readonly Finding[],
    patternNumber: (id: string) => number,
    blocksByItself: (finding: Finding) => boolean | null = () => null,
  ): Consequences {
    const numbers = findings.flatMap((finding) => [
      patternNumber(finding.patternId),
      ...weightsOf(finding),
      Number(blocksByItself(finding) ?? -1),
    ]);
    const told = this.#core.runPolicies((core) => core.judgeFindings(profile.speaking, Float64Array.from(numbers)));
    if (told === TRAPPED) return UNJUDGED;
    const violations: Violation[] = [];
    for (let at = 0; at + 2 < told.length; at += 3) {
      const action = ACTIONS[told[at + 1] ?? 0] ?? "log";
      const rule = this.#rules[(told[at] ?? 0) - 1];
      const category = CATEGORIES[told[at + 2] ?? 0] ?? "anomaly";
      violations.push(rule === undefined ? unruled(category, action, findings) : violationOf(rule, { action }));
    }
    const ordered = strictestFirst(violations);
    return { action: ordered[0]?.action ?? "allow", violations: ordered, isTrapped: false };
  }

  /** The same for a document that does not come from the server, whose names it may not have. */
  #localNameOf(source: PolicySource): string | null {
    const name = this.#ownNameOf(source);
    if (name === null || !isCloud(name)) return name;
    const reserved = `${source.label}: document name \`${name}\` is reserved for policies of the server`;
    throw new PolicyError(reserved, source.file);
  }

  /** The name that a document gives itself, if it does. */
  #ownNameOf(source: PolicySource): string | null {
    refuseOversize(source.label, source.file, source.yaml);
    const prepared = this.#core.runPolicies((core) => core.prepare(source.yaml));
    if (prepared === TRAPPED) throw cannotRead(source.label);
    const { name, errors } = JSON.parse(prepared) as { name?: string | null; errors?: Problem[] };
    if (errors !== undefined) throw policyError(source.label, source.file, errors);
    return name ?? null;
  }

  /** Puts documents in force that were read before, and forgets what the old ones said. */
  #replace(documents: ReadonlyMap<string, Document>): void {
    const table = this.#core.runPolicies((core) => this.#set(core, documents));
    if (table === TRAPPED) throw cannotRead("the policies");
    this.#documents = documents;
    this.#rules = (JSON.parse(table) as Rule[]).map((rule) => Object.freeze(rule));
    this.#names = this.#rules.map(({ document, name }) => `${document}/${name}`);
    this.#forget();
  }

  #set(core: CorePolicies, documents: ReadonlyMap<string, Document>): string {
    const sources = [...documents.values()].map(({ yaml }) => yaml);
    return core.set([...documents.keys()], sources, this.#defaultCalls);
  }

  #numbersOf(names: readonly string[]): Uint32Array {
    const numbers = names.flatMap((asked) => {
      const found = this.#rules.flatMap(({ document, name }, number) =>
        meansRule(asked, document, name) ? [number] : [],
      );
      if (found.length > 0 || this.isAwaitingCloud || this.#isKnown(asked)) return found;
      const known = [...this.#documents.keys(), ...this.#rules.map(({ name }) => name)];
      throw new ConfigurationError(unknownName("policy", asked, known));
    });
    return Uint32Array.from(numbers);
  }

  #isKnown(asked: string): boolean {
    return (
      this.#rules.some(({ document, name }) => meansRule(asked, document, name)) ||
      [...this.#documents.keys()].some((document) => meansDocument(asked, document)) ||
      this.#inactive.some((document) => meansAnyOf(asked, document))
    );
  }

  #makeRoom(size: number): void {
    this.#plans += size;
    if (this.#plans > MAX_PLANS) this.#forget();
  }

  #forget(): void {
    this.#profiles.clear();
    this.#shared.clear();
    this.#plans = 0;
  }
}

/** The error for a document's problems, the first of which is its message. */
export function policyError(label: string, file: string | null, problems: readonly Problem[]): PolicyError {
  const [first = { line: 0, column: 0, message: "cannot be read" }] = problems;
  const place = first.line > 0 ? `${label}:${first.line}:${first.column}` : label;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return new PolicyError(`${place}: ${first.message}${more}`, file, problems);
}

const MAX_DOCUMENT_BYTES = 256 * 1024;

/** Says what the core says of a larger document, before it takes memory there. */
export function refuseOversize(label: string, file: string | null, yaml: string): void {
  if (yaml.length <= MAX_DOCUMENT_BYTES) return;
  const message = `document is larger than ${MAX_DOCUMENT_BYTES} bytes`;
  throw policyError(label, file, [{ line: 0, column: 0, message }]);
}

function cannotRead(label: string): RuneError {
  return new RuneError("core_failed", `${label} could not be read: the core failed`);
}

/**
 * All of a subject but the agent, in most calls a word that is there already. Else each part is preceded by its length, so
 * that no two groups have the same name.
 */
function groupOf({ agentTags, direction, policies }: Subject): string {
  if (agentTags.length === 0 && policies === null) return direction;
  return `${direction}${agentTags.length}${agentTags.map(sized).join("")}${policies?.map(sized).join("") ?? "-"}`;
}

function sized(text: string): string {
  return `:${text.length}:${text}`;
}

function standingOf(code: number): Pick<Standing, "standing" | "tier"> {
  if (code < 4)
    return { standing: (["not_asked", "other_direction", "other_subject"] as const)[code] ?? "not_asked", tier: null };
  return { standing: code < SPEAKS ? "overruled" : "speaks", tier: TIERS[code % 4] ?? "everyone" };
}

/** A rule's violation. */
export function violationOf(rule: Rule, changed: Partial<Violation> = {}): Violation {
  const { document: policy, name, kind, action, severity, message } = rule;
  return Object.freeze({ policy, rule: name, kind, action, severity, message, ...changed });
}

/** What is told where no rule speaks about a category. */
function unruled(category: Category, action: PolicyAction, findings: readonly Finding[]): Violation {
  const severities = findings
    .filter(({ type }) => type === category)
    .map(({ severity }) => SEVERITIES.indexOf(severity));
  const severity = SEVERITIES[Math.max(...severities)] ?? "low";
  return Object.freeze({
    policy: null,
    rule: null,
    kind: category,
    action,
    severity,
    message: `${category} was found`,
  });
}

/** Violations as results show them: frozen, and in their order where they are as strict. */
export function strictestFirst(violations: readonly Violation[]): readonly Violation[] {
  if (violations.length < 2) return Object.freeze(violations);
  return Object.freeze([...violations].sort((a, b) => STRICTNESS[b.action] - STRICTNESS[a.action]));
}

/** The strictest action of violations. */
export function strictest(violations: readonly Violation[]): PolicyAction | "allow" {
  return violations.reduce<PolicyAction | "allow">(
    (most, { action }) => (STRICTNESS[action] > STRICTNESS[most] ? action : most),
    "allow",
  );
}
