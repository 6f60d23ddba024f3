import { RuneError } from "@runesec/scanner";
import { unknownName } from "../expectation.js";
import { HELP } from "./help.js";
import { redact } from "./redact.js";
import { scan } from "./scan.js";
import { EXIT, UsageError, type World } from "./world.js";

const COMMANDS = { scan, redact } as const;

/** Runs a command line and returns its exit code. */
export async function run(argv: readonly string[], world: World, version: string): Promise<number> {
  const [name = "--help", ...rest] = argv;
  if (name === "--version") return print(world, `${version}\n`);
  if (name === "--help" || name === "-h" || rest.includes("--help")) return print(world, HELP);
  const command = Object.entries(COMMANDS).find(([each]) => each === name)?.[1];
  if (command === undefined) return fail(world, unknownName("command", name, Object.keys(COMMANDS)));
  try {
    return await command(rest, world);
  } catch (error) {
    if (!(error instanceof UsageError) && !RuneError.isInstance(error)) throw error;
    return fail(world, `${name}: ${error.message}`);
  }
}

function print(world: World, text: string): number {
  world.stdout(text);
  return EXIT.clean;
}

function fail(world: World, message: string): number {
  world.stderr(`${message}\n`);
  return EXIT.failed;
}
