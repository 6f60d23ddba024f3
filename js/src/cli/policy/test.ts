import { type PolicyCase, Shield } from "@runesec/scanner";
import { unknownName } from "../../expectation.js";
import { readArguments } from "../arguments.js";
import { counted } from "../count.js";
import { printable } from "../excerpt.js";
import { jsonOf } from "../json.js";
import { type Paint, painter } from "../paint.js";
import { brokenAt, tableLines } from "../table.js";
import { attempt, EXIT, UsageError, WIDTH, type World } from "../world.js";
import { type CasesFile, casesAt, readCases, readPolicies, testedBy } from "./files.js";
import { actionText, firedText, type Outcome, outcomeAt, outcomeJson } from "./outcome.js";

const COMMAND = "policy test";
const OPTIONS = { format: ["text", "json"] } as const;

interface Trial {
  readonly case: PolicyCase;
  readonly outcome: Outcome;
  /** Why it does not pass; null when it does. */
  readonly failure: string | null;
}

interface Tested {
  readonly file: string;
  readonly policies: readonly string[];
  readonly trials: readonly Trial[];
}

/** `policy test file|directory…`: runs the cases of policies and tells which do not come out as they must. */
export async function test(argv: readonly string[], world: World): Promise<number> {
  const { files: paths, options } = readArguments(argv, OPTIONS);
  if (paths.length === 0) throw new UsageError("no file or directory given");
  const isText = options["format"] !== "json";
  const paint = painter(world.hasColour);
  let hasFailed = false;
  const files = new Set<string>();
  for (const path of paths) {
    const found = await attempt(world, COMMAND, () => casesAt(world, path));
    hasFailed ||= found === null;
    for (const file of found ?? []) files.add(file);
  }
  const tested: Tested[] = [];
  for (const file of files) {
    const done = await attempt(world, COMMAND, async () => testFile(world, await readCases(world, file)));
    hasFailed ||= done === null;
    if (done === null) continue;
    tested.push(done);
    if (isText) world.stdout(textReport(done, paint));
  }
  const trials = tested.flatMap((each) => each.trials);
  const failures = trials.filter(({ failure }) => failure !== null).length;
  world.stdout(isText ? `${counted(trials.length, "case", "cases")}, ${failures} failed\n` : jsonReport(tested));
  if (hasFailed) return EXIT.failed;
  return failures > 0 ? EXIT.blocked : EXIT.clean;
}

async function testFile(world: World, cases: CasesFile): Promise<Tested> {
  const policies = await readPolicies(world, testedBy(cases));
  const texts = policies.map(({ yaml }) => yaml);
  const rules = new Shield({ policies: texts }).explainPolicies();
  const names = rules.flatMap(({ policy, rule }) => [rule, `${policy}/${rule}`]);
  const trials = cases.cases.map((each) => {
    const outcome = outcomeAt(cases.file, each, texts);
    return { case: each, outcome, failure: failureOf(each, outcome, names) };
  });
  return { file: cases.file, policies: policies.map(({ file }) => file), trials };
}

function failureOf({ expect, rule }: PolicyCase, outcome: Outcome, names: readonly string[]): string | null {
  if (outcome.failedOpen !== null) return `not all was checked: ${outcome.failedOpen}`;
  if (rule !== null && !names.includes(rule)) return unknownName("rule", rule, names);
  if (outcome.action !== expect) return `expected \`${expect}\`, got \`${outcome.action}\``;
  if (rule === null || outcome.violations.some((each) => each.rule === rule || `${each.policy}/${each.rule}` === rule))
    return null;
  return `rule \`${rule}\` did not fire`;
}

function textReport({ file, policies, trials }: Tested, paint: Paint): string {
  const rows = trials.map(({ case: { name, expect, rule }, outcome, failure }) => [
    failure === null ? ({ text: "ok", colour: "green" } as const) : ({ text: "FAIL", colour: "red" } as const),
    { text: name },
    { text: rule === null ? expect : `${expect} by ${rule}` },
    { text: actionText(outcome), colour: failure === null ? undefined : ("red" as const) },
    { text: firedText(outcome) },
  ]);
  const failures = trials.flatMap(({ case: { name, line }, failure }) =>
    failure === null ? [] : brokenAt(printable(`${file}:${line}: ${name}: ${failure}`), WIDTH),
  );
  return [
    `${paint(printable(file), "bold")}: ${printable(policies.join(", "))}`,
    ...tableLines(["", "case", "expected", "got", "rules"], rows, paint, WIDTH),
    ...failures,
    "",
    "",
  ].join("\n");
}

function jsonReport(tested: readonly Tested[]): string {
  const files = tested.map(({ file, policies, trials }) => ({
    file,
    policies,
    cases: trials.map(({ case: { name, line, expect, rule }, outcome, failure }) => ({
      name,
      line,
      passed: failure === null,
      failure,
      expected: { action: expect, rule },
      got: outcomeJson(outcome),
    })),
  }));
  const cases = files.flatMap((each) => each.cases);
  const failed = cases.filter(({ passed }) => !passed).length;
  return jsonOf({ passed: failed === 0, cases: cases.length, failed, files });
}
