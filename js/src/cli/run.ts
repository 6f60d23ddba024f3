import { unknownName } from "../expectation.js";
import { printable } from "./excerpt.js";
import { HELP } from "./help.js";
import { diff } from "./policy/diff.js";
import { explain } from "./policy/explain.js";
import { lint } from "./policy/lint.js";
import { test } from "./policy/test.js";
import { redact } from "./redact.js";
import { scan } from "./scan.js";
import { attempt, EXIT, type World } from "./world.js";

type Command = (argv: readonly string[], world: World) => Promise<number>;
interface Group {
  readonly [name: string]: Command | Group;
}

const COMMANDS: Group = { scan, redact, policy: { lint, test, explain, diff } };

/** Runs a command line and returns its exit code. */
export async function run(argv: readonly string[], world: World, version: string): Promise<number> {
  if (argv[0] === "--version") return print(world, `${version}\n`);
  if (argv[0] === "-h" || argv.includes("--help")) return print(world, HELP);
  return runFrom(COMMANDS, [], argv, world);
}

/** Runs what a command line names in a group; `groups` are the names that led there. */
async function runFrom(
  group: Group,
  groups: readonly string[],
  [name, ...rest]: readonly string[],
  world: World,
): Promise<number> {
  if (name === undefined) return print(world, HELP);
  const command = Object.hasOwn(group, name) ? group[name] : undefined;
  const names = [...groups, name];
  if (typeof command === "object") return runFrom(command, names, rest, world);
  if (command !== undefined) {
    return (await attempt(world, names.join(" "), () => command(rest, world))) ?? EXIT.failed;
  }
  const message = [...groups, unknownName("command", name, Object.keys(group))].join(": ");
  world.stderr(`${printable(message)}\n`);
  return EXIT.failed;
}

function print(world: World, text: string): number {
  world.stdout(text);
  return EXIT.clean;
}
