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

const COMMANDS: Readonly<Record<string, Command>> = { scan, redact };
const POLICY_COMMANDS: Readonly<Record<string, Command>> = { lint, test, explain, diff };

/** Runs a command line and returns its exit code. */
export async function run(argv: readonly string[], world: World, version: string): Promise<number> {
  if (argv[0] === "--version") return print(world, `${version}\n`);
  const isHelp = argv.length === 0 || argv[0] === "-h" || argv.includes("--help");
  if (isHelp || (argv[0] === "policy" && argv.length === 1)) return print(world, HELP);
  const [name = "", ...rest] = argv;
  if (name !== "policy") return runOne(COMMANDS, [...Object.keys(COMMANDS), "policy"], "", name, rest, world);
  const [policyCommand = "", ...arguments_] = rest;
  return runOne(POLICY_COMMANDS, Object.keys(POLICY_COMMANDS), "policy", policyCommand, arguments_, world);
}

async function runOne(
  commands: Readonly<Record<string, Command>>,
  known: readonly string[],
  group: string,
  name: string,
  argv: readonly string[],
  world: World,
): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const message = unknownName("command", name, known);
    return fail(world, group === "" ? message : `${group}: ${message}`);
  }
  const label = group === "" ? name : `${group} ${name}`;
  return (await attempt(world, label, () => command(argv, world))) ?? EXIT.failed;
}

function print(world: World, text: string): number {
  world.stdout(text);
  return EXIT.clean;
}

function fail(world: World, message: string): number {
  world.stderr(`${printable(message)}\n`);
  return EXIT.failed;
}
