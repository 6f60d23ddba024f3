import type { PolicyCase } from "@runesec/scanner";
import { readArguments } from "../arguments.js";
import { counted } from "../count.js";
import { printable } from "../excerpt.js";
import { jsonOf } from "../json.js";
import { type Paint, painter } from "../paint.js";
import { tableLines } from "../table.js";
import { EXIT, UsageError, WIDTH, type World } from "../world.js";
import { casesAt, readCases, readPolicies } from "./files.js";
import { actionText, firedText, type Outcome, outcomeAt, outcomeJson, violationName } from "./outcome.js";

const OPTIONS = { cases: "text", format: ["text", "json"] } as const;

interface Change {
  readonly file: string;
  readonly case: PolicyCase;
  readonly before: Outcome;
  readonly after: Outcome;
}

/** `policy diff old new --cases file,…`: runs cases against two sets of policies and tells what comes out differently. */
export async function diff(argv: readonly string[], world: World): Promise<number> {
  const { files: paths, options } = readArguments(argv, OPTIONS);
  const [old, changed, ...more] = paths;
  if (old === undefined || changed === undefined || more.length > 0) {
    throw new UsageError(`expected the old and the new policies, two files or directories, got ${paths.length}`);
  }
  const { cases } = options;
  if (typeof cases !== "string") throw new UsageError("option `--cases` is missing: the files of cases to compare by");
  const [before, after] = [await yamlsAt(world, old), await yamlsAt(world, changed)];
  const changes: Change[] = [];
  let count = 0;
  for (const file of await casesIn(world, cases.split(","))) {
    const { cases: trials } = await readCases(world, file);
    count += trials.length;
    for (const trial of trials) {
      const outcomes = { before: outcomeAt(file, trial, before), after: outcomeAt(file, trial, after) };
      if (keyOf(outcomes.before) !== keyOf(outcomes.after)) changes.push({ file, case: trial, ...outcomes });
    }
  }
  world.stdout(
    options["format"] === "json" ? jsonReport(changes, count) : textReport(changes, count, painter(world.hasColour)),
  );
  return changes.length > 0 ? EXIT.blocked : EXIT.clean;
}

async function yamlsAt(world: World, path: string): Promise<string[]> {
  return (await readPolicies(world, [path])).map(({ yaml }) => yaml);
}

async function casesIn(world: World, paths: readonly string[]): Promise<Set<string>> {
  const files = new Set<string>();
  for (const path of paths) for (const file of await casesAt(world, path)) files.add(file);
  return files;
}

/** What must be the same for a case to count as unchanged: the action, and who asks for what, in any order. */
function keyOf({ action, violations, failedOpen }: Outcome): string {
  const fired = violations.map((each) => `${violationName(each)}\n${each.action}`).sort();
  return JSON.stringify([action, failedOpen, fired]);
}

function textReport(changes: readonly Change[], count: number, paint: Paint): string {
  const rows = changes.map(({ file, case: { name, line }, before, after }) => [
    { text: `${name} (${file}:${line})` },
    { text: shown(before) },
    { text: shown(after), colour: before.action === after.action ? undefined : ("yellow" as const) },
  ]);
  const lines = rows.length > 0 ? [...tableLines(["case", "old", "new"], rows, paint, WIDTH), ""] : [];
  return [...lines, `${counted(count, "case", "cases")}, ${changes.length} changed`, ""].join("\n");
}

function shown(outcome: Outcome): string {
  const fired = firedText(outcome);
  return printable(fired === "" ? actionText(outcome) : `${actionText(outcome)} by ${fired}`);
}

function jsonReport(changes: readonly Change[], count: number): string {
  const told = changes.map(({ file, case: { name, line }, before, after }) => ({
    file,
    line,
    name,
    old: outcomeJson(before),
    new: outcomeJson(after),
  }));
  return jsonOf({ cases: count, changed: told.length, changes: told });
}
