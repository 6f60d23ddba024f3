import { lintPolicy, PolicyError } from "@runesec/scanner";
import { readArguments } from "../arguments.js";
import { counted } from "../count.js";
import { printable } from "../excerpt.js";
import { jsonOf } from "../json.js";
import { type Paint, painter } from "../paint.js";
import { attempt, EXIT, readSource, UsageError, type World } from "../world.js";
import { filesAt, holdsCases, readCases, takenNames } from "./files.js";

const COMMAND = "policy lint";
const OPTIONS = { format: ["text", "json"], strict: "switch" } as const;

/** One thing to tell about a file; line 0 is no particular place. */
interface Remark {
  /** A warning's code; null for an error. */
  readonly code: string | null;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

interface Linted {
  readonly file: string;
  readonly kind: "policy" | "cases";
  readonly name: string | null;
  readonly remarks: readonly Remark[];
}

/** `policy lint file|directory…`: tells all that is wrong or suspicious in policies and cases. */
export async function lint(argv: readonly string[], world: World): Promise<number> {
  const { files: paths, options } = readArguments(argv, OPTIONS);
  if (paths.length === 0) throw new UsageError("no file or directory given");
  let hasFailed = false;
  const files = new Set<string>();
  for (const path of paths) {
    const found = await attempt(world, COMMAND, () => filesAt(world, path));
    hasFailed ||= found === null;
    for (const file of found?.files ?? []) files.add(file);
  }
  const read: Linted[] = [];
  for (const file of files) {
    const linted = await attempt(world, COMMAND, () => lintFile(world, file));
    hasFailed ||= linted === null;
    if (linted !== null) read.push(linted);
  }
  const linted = withTakenNames(read);
  const remarks = linted.flatMap((each) => each.remarks);
  const errors = remarks.filter(({ code }) => code === null).length;
  const warnings = remarks.length - errors;
  world.stdout(
    options["format"] === "json"
      ? jsonReport(linted, errors, warnings)
      : textReport(linted, errors, warnings, painter(world.hasColour)),
  );
  if (hasFailed) return EXIT.failed;
  const complaints = options["strict"] === undefined ? errors : errors + warnings;
  return complaints > 0 ? EXIT.blocked : EXIT.clean;
}

async function lintFile(world: World, file: string): Promise<Linted> {
  const kind = holdsCases(file) ? "cases" : "policy";
  try {
    if (kind === "cases") {
      await readCases(world, file);
      return { file, kind, name: null, remarks: [] };
    }
    const { name, warnings } = lintPolicy(await readSource(world, file), { file });
    return { file, kind, name, remarks: warnings };
  } catch (error) {
    if (!PolicyError.isInstance(error)) throw error;
    return { file, kind, name: null, remarks: error.problems.map((problem) => ({ code: null, ...problem })) };
  }
}

function withTakenNames(linted: readonly Linted[]): Linted[] {
  const taken = takenNames(linted);
  return linted.map((each) => {
    const remarks = taken
      .filter(({ file }) => file === each.file)
      .map(({ message }) => ({ code: null, line: 0, column: 0, message }));
    return { ...each, remarks: [...remarks, ...each.remarks] };
  });
}

function textReport(linted: readonly Linted[], errors: number, warnings: number, paint: Paint): string {
  const lines = linted.flatMap(({ file, remarks }) =>
    remarks.map(({ code, line, column, message }) => {
      const place = line > 0 ? `${file}:${line}:${column}` : file;
      const what = code === null ? paint("error", "red") : paint(`warning[${code}]`, "yellow");
      return `${printable(place)}: ${what}: ${printable(message)}\n`;
    }),
  );
  const policies = linted.filter(({ kind }) => kind === "policy").length;
  const what = [counted(policies, "policy", "policies")];
  if (policies < linted.length) what.push(counted(linted.length - policies, "test file", "test files"));
  const found = `${counted(errors, "error", "errors")}, ${counted(warnings, "warning", "warnings")}`;
  return `${lines.join("")}${what.join(", ")}: ${found}\n`;
}

function jsonReport(linted: readonly Linted[], errors: number, warnings: number): string {
  const files = linted.map(({ remarks, ...each }) => ({
    ...each,
    problems: remarks.map((remark) => ({ severity: remark.code === null ? "error" : "warning", ...remark })),
  }));
  return jsonOf({ errors, warnings, files });
}
