import { parseArgs } from "node:util";
import { unknownName } from "../expectation.js";
import { UsageError } from "./world.js";

/** An option of a command: a switch, a text, or one of a few words. */
export type Option = "switch" | "text" | readonly string[];

/** What the user typed: files (and `-`), and options by name without their dashes. */
export interface Arguments {
  readonly files: readonly string[];
  readonly options: Readonly<Record<string, string | true | undefined>>;
}

/**
 * Reads a command's arguments.
 *
 * @throws {UsageError} for an option that is unknown, lacks its value or has a wrong one
 */
export function readArguments(argv: readonly string[], known: Readonly<Record<string, Option>>): Arguments {
  const types = Object.entries(known).map(
    ([name, option]) => [name, { type: option === "switch" ? "boolean" : "string" }] as const,
  );
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(types),
    allowPositionals: true,
    // Our own sentences are friendlier than those of the parser.
    strict: false,
    tokens: true,
  });
  const options: Record<string, string | true> = {};
  for (const token of tokens) {
    if (token.kind === "option") options[token.name] = readOption(token.rawName, token.value, known[token.name], known);
  }
  return { files: positionals, options };
}

function readOption(
  name: string,
  value: string | undefined,
  option: Option | undefined,
  known: Readonly<Record<string, Option>>,
): string | true {
  if (option === undefined) {
    const names = Object.keys(known).map((each) => `--${each}`);
    throw new UsageError(unknownName("option", name, names));
  }
  if (option === "switch") {
    if (value !== undefined) throw new UsageError(`option \`${name}\` takes no value`);
    return true;
  }
  if (value === undefined) throw new UsageError(`option \`${name}\` needs a value`);
  if (option !== "text" && !option.includes(value)) {
    throw new UsageError(
      `option \`${name}\` must be ${option.map((word) => `\`${word}\``).join(" or ")}, got \`${value}\``,
    );
  }
  return value;
}
