import { type Finding, type RuleStanding, Shield, type Violation } from "@runesec/scanner";
import { type Arguments, readArguments } from "../arguments.js";
import { printable } from "../excerpt.js";
import { jsonOf } from "../json.js";
import { type Colour, type Paint, painter } from "../paint.js";
import { brokenAt, tableLines } from "../table.js";
import { EXIT, UsageError, WIDTH, type World } from "../world.js";
import { readPolicies } from "./files.js";
import { type Deed, type Outcome, outcomeJson, outcomeOf, violationName } from "./outcome.js";

const OPTIONS = {
  action: "text",
  params: "text",
  agent: "text",
  tags: "text",
  session: "text",
  text: "text",
  direction: ["input", "output"],
  format: ["text", "json"],
} as const;
const ACTION_COLOURS = { allow: "green", log: "yellow", alert: "yellow", block: "red" } as const;
const TIERS = { everyone: "everyone", tags: "tags", agent_glob: "agent glob", agent: "agent" } as const;

/** A rule and what it did. */
interface Told extends RuleStanding {
  readonly did: string;
}

/** `policy explain file|directory… --action tool | --text text`: says what follows, and what each rule has to do with it. */
export async function explain(argv: readonly string[], world: World): Promise<number> {
  const { files, options } = readArguments(argv, OPTIONS);
  if (files.length === 0) throw new UsageError("no file or directory given");
  const deed = deedOf(options);
  const policies = (await readPolicies(world, files)).map(({ yaml }) => yaml);
  const findings: Finding[] = [];
  const outcome = outcomeOf(policies, deed, (finding) => findings.push(finding));
  const direction = deed.direction ?? "input";
  const standings = new Shield({ policies, eventsEnabled: false }).explainPolicies({
    agentId: deed.agent ?? undefined,
    agentTags: deed.tags,
    direction,
  });
  const told = standings.map((each) => ({ ...each, did: didWhat(each, deed, outcome, standings) }));
  world.stdout(
    options["format"] === "json"
      ? jsonReport(outcome, told, findings)
      : textReport(deed, outcome, told, findings, painter(world.hasColour)),
  );
  return EXIT.clean;
}

function jsonReport(outcome: Outcome, rules: readonly Told[], findings: readonly Finding[]): string {
  const found = findings.map(({ patternId, type, severity, score, path }) => ({
    patternId,
    type,
    severity,
    score,
    path,
  }));
  return jsonOf({ ...outcomeJson(outcome), decidedBy: decidersOf(outcome, rules), found, rules });
}

function textReport(
  deed: Deed,
  outcome: Outcome,
  told: readonly Told[],
  findings: readonly Finding[],
  paint: Paint,
): string {
  const { action, violations } = outcome;
  const rows = told.map((each) => [
    { text: `${each.policy}/${each.rule}` },
    { text: each.kind },
    { text: each.action },
    { text: each.tier === null ? "" : TIERS[each.tier] },
    { text: each.did, colour: colourOf(violations.find((violation) => isOf(violation, each))) },
  ]);
  const reason = brokenAt(printable(`${action}: ${reasonFor(outcome, told)}`), WIDTH).join("\n");
  const lines = [
    paint(action, ACTION_COLOURS[action]) + reason.slice(action.length),
    ...violations.flatMap((each) => indented(`${violationName(each)} (${each.severity}): ${each.message}`)),
    ...findings.flatMap((each) => indented(findingText(each)).map((line) => paint(line, "dim"))),
    "",
    ...tableLines(["rule", "kind", "action", "tier", "what it did"], rows, paint, WIDTH),
  ];
  if (deed.call !== null && told.some(remembers)) {
    lines.push("", "Rate limits and flows are looked at as if nothing had been called before.");
  }
  return `${lines.join("\n")}\n`;
}

function colourOf(violation: Violation | undefined): Colour | undefined {
  return violation === undefined ? undefined : ACTION_COLOURS[violation.action];
}

function indented(text: string): string[] {
  return brokenAt(printable(text), WIDTH - 2).map((line) => `  ${line}`);
}

function deedOf(options: Arguments["options"]): Deed {
  const text = textOf(options, "text");
  const action = textOf(options, "action");
  if ((text === null) === (action === null)) throw new UsageError("expected either `--action` or `--text`");
  const [strange, other] = text === null ? [["direction"], "text"] : [["params", "session"], "action"];
  for (const name of strange) {
    if (options[name] !== undefined) throw new UsageError(`option \`--${name}\` goes with \`--${other}\``);
  }
  return {
    agent: textOf(options, "agent"),
    tags: textOf(options, "tags")?.split(",") ?? [],
    session: textOf(options, "session"),
    before: [],
    call: action === null ? null : { action, params: paramsOf(textOf(options, "params")), times: 1 },
    text,
    direction: text === null ? null : options["direction"] === "output" ? "output" : "input",
  };
}

function textOf(options: Arguments["options"], name: string): string | null {
  const value = options[name];
  return typeof value === "string" ? value : null;
}

function paramsOf(json: string | null): Record<string, unknown> {
  if (json === null) return {};
  try {
    const params: unknown = JSON.parse(json);
    if (typeof params === "object" && params !== null && !Array.isArray(params)) return { ...params };
  } catch {
    // The parser's own words differ between runtimes.
  }
  throw new UsageError('option `--params` must be a JSON object, such as `{"to": "ann@example.com"}`');
}

/** Whether a rule looks at what was called before. */
function remembers({ kind, standing }: RuleStanding): boolean {
  return standing === "speaks" && (kind === "rate_limit" || kind === "tool_flow");
}

function didWhat(
  rule: RuleStanding,
  { call, direction }: Deed,
  outcome: Outcome,
  standings: readonly RuleStanding[],
): string {
  switch (rule.standing) {
    case "not_asked":
      return "not asked";
    case "other_direction":
      return direction === "output" ? "for input only" : "for output only";
    case "other_subject":
      return "for another agent";
    case "overruled":
      return "overruled by a more specific rule";
    default: {
      if (call === null && isAboutCalls(rule)) return "for calls of tools only";
      const fired = outcome.violations.find((each) => isOf(each, rule));
      if (fired === undefined) return isBesideMoreSpecific(rule, outcome, standings) ? BESIDE : "did not fire";
      return fired.action === rule.action ? "fired" : `fired as ${fired.action}: no finding blocks by itself`;
    }
  }
}

/** Data protection is overruled pattern by pattern, which only shows in who else fired. */
function isBesideMoreSpecific(rule: RuleStanding, outcome: Outcome, standings: readonly RuleStanding[]): boolean {
  const rank = (tier: RuleStanding["tier"]): number => (tier === null ? -1 : Object.keys(TIERS).indexOf(tier));
  const isMoreSpecific = (other: RuleStanding): boolean =>
    other.kind === rule.kind &&
    rank(other.tier) > rank(rule.tier) &&
    outcome.violations.some((each) => isOf(each, other));
  return rule.kind === "data_protection" && standings.some(isMoreSpecific);
}

const BESIDE = "did not fire beside a more specific rule";

function isAboutCalls({ kind }: RuleStanding): boolean {
  return kind === "tool_call" || kind === "rate_limit" || /^tool_(allowlist|denylist|arguments|flow)$/.test(kind);
}

function isOf({ policy, rule }: Pick<Violation, "policy" | "rule">, standing: RuleStanding): boolean {
  return policy === standing.policy && rule === standing.rule;
}

/** What asks for the action that was taken. */
function decidersOf({ action, violations }: Outcome, told: readonly Told[]): object[] {
  return violations
    .filter((each) => each.action === action)
    .map(({ policy, rule, kind }) => {
      const tier = told.find((each) => isOf({ policy, rule }, each))?.tier ?? null;
      return { policy, rule, kind, tier };
    });
}

function reasonFor(outcome: Outcome, told: readonly Told[]): string {
  const unchecked = outcome.failedOpen === null ? "" : `; not all was checked: ${outcome.failedOpen}`;
  const decider = outcome.violations.find(({ action }) => action === outcome.action);
  if (outcome.action === "allow") return `nothing fired${unchecked}`;
  // A scan lists rules only, an action what its scan says beside them as well.
  if (decider === undefined || decider.rule === null) {
    return `the scan decides, since no rule speaks about all that was found${unchecked}`;
  }
  const tier = told.find((each) => isOf(decider, each))?.tier ?? null;
  return `decided by ${violationName(decider)}${tier === null ? "" : `, tier: ${TIERS[tier]}`}${unchecked}`;
}

function findingText({ patternId, type, severity, score, path }: Finding): string {
  const place = path === null ? "" : ` at ${path}`;
  return `found ${patternId} (${type}, ${severity}, score ${score.toFixed(2)})${place}`;
}
