import { ConfigurationError } from "../errors.js";
import type { PolicySource } from "./policies.js";

/** What is used of Node's file system. */
interface FileSystem {
  readdirSync(path: string): string[];
  readFileSync(path: string, encoding: "utf8"): string;
}

interface Scope {
  readonly process?: { readonly getBuiltinModule?: (name: string) => unknown };
}

/**
 * The policies in a directory: all its `.yaml` and `.yml` files but `*.test.yaml`, in the order of their names.
 *
 * @throws {ConfigurationError} when there is no file system or the directory cannot be read
 */
export function readDirectory(path: string, scope: Scope = globalThis as Scope): PolicySource[] {
  // Not imported, since bundlers for browsers and Workers would fail on it.
  const fileSystem = scope.process?.getBuiltinModule?.("node:fs") as FileSystem | undefined;
  if (fileSystem === undefined) {
    throw new ConfigurationError(
      "`localPoliciesPath` needs the file system of Node 20.16 or later, Deno or Bun; pass the texts in `policies` instead",
    );
  }
  try {
    const isPolicy = (name: string): boolean => /\.ya?ml$/i.test(name) && !/\.test\.ya?ml$/i.test(name);
    const names = fileSystem.readdirSync(path).filter(isPolicy).sort();
    return names.map((name) => {
      const file = `${path.replace(/[/\\]$/, "")}/${name}`;
      return { label: file, file, yaml: fileSystem.readFileSync(file, "utf8") };
    });
  } catch (error) {
    const { code = "unknown error" } = error as { code?: string };
    throw new ConfigurationError(`\`localPoliciesPath\` \`${path}\` cannot be read: ${code}`);
  }
}
