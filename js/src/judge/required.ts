import { ConfigurationError } from "../errors.js";

/**
 * The options, once it is known that those which nobody can do without are there.
 *
 * @throws {ConfigurationError} naming the first that is missing
 */
export function required<Options extends object>(
  options: Options | undefined,
  names: readonly (keyof Options & string)[],
): Options {
  const missing = names.find((name) => options?.[name] === undefined);
  if (options === undefined || missing !== undefined) {
    throw new ConfigurationError(`judge option \`${missing ?? names[0]}\` is missing`);
  }
  return options;
}
