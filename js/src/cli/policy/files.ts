import { basename, dirname, join } from "node:path";
import { lintPolicy, type PolicyCases, readPolicyCases } from "@runesec/scanner";
import { readSource, reasonOf, UsageError, type World } from "../world.js";

/** A policy that can be used. */
export interface PolicyFile {
  readonly file: string;
  readonly yaml: string;
  /** The document's name; null where it has none. */
  readonly name: string | null;
}

/** Cases that can be used. */
export interface CasesFile extends PolicyCases {
  readonly file: string;
}

/** Whether a file holds cases, which its name says. */
export function holdsCases(file: string): boolean {
  return /\.test\.ya?ml$/i.test(file);
}

/** What is at a path. */
interface Found {
  readonly files: readonly string[];
  readonly isDirectory: boolean;
}

/**
 * The file itself, or the YAML files in a directory in the order of their names.
 *
 * @throws {UsageError} when it cannot be read, or a directory holds none
 */
export async function filesAt(world: World, path: string): Promise<Found> {
  const names = await namesIn(world, path);
  // Whether a file is there is seen when it is read.
  if (names === null) return { files: [join(path)], isDirectory: false };
  const files = names.filter((name) => /\.ya?ml$/i.test(name)).map((name) => join(path, name));
  if (files.length === 0) throw new UsageError(`\`${path}\` holds no \`.yaml\` or \`.yml\` file`);
  return { files: files.sort(), isDirectory: true };
}

/** What is in a directory; null when it is a file. */
async function namesIn(world: World, path: string): Promise<readonly string[] | null> {
  try {
    return await world.readDirectory(path);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOTDIR") return null;
    throw new UsageError(`cannot read \`${path}\`: ${reasonOf(error)}`);
  }
}

/**
 * Reads policies that are in force together: files, and directories but for the cases in them.
 *
 * @throws {UsageError} when one cannot be read, or none is there
 * @throws {PolicyError} when one cannot be used
 */
export async function readPolicies(world: World, paths: readonly string[]): Promise<PolicyFile[]> {
  const policies: PolicyFile[] = [];
  for (const path of paths) {
    const { files, isDirectory } = await filesAt(world, path);
    const documents = files.filter((file) => !(isDirectory && holdsCases(file)));
    if (documents.length === 0) throw new UsageError(`\`${path}\` holds no policy`);
    for (const file of documents.filter((each) => policies.every((policy) => policy.file !== each))) {
      const yaml = await readSource(world, file);
      policies.push({ file, yaml, name: lintPolicy(yaml, { file }).name });
    }
  }
  const [taken] = takenNames(policies);
  if (taken !== undefined) throw new UsageError(`${taken.file}: ${taken.message}`);
  return policies;
}

/** What is wrong with the names of documents that are in force together. */
export function takenNames(
  policies: readonly Pick<PolicyFile, "file" | "name">[],
): { readonly file: string; readonly message: string }[] {
  return policies.flatMap(({ file, name }, number) => {
    const first = policies.slice(0, number).find((other) => name !== null && other.name === name);
    return first === undefined ? [] : { file, message: `document name \`${name}\` is taken by ${first.file}` };
  });
}

/**
 * Reads a file of cases.
 *
 * @throws {UsageError} when it cannot be read
 * @throws {PolicyError} when it cannot be used
 */
export async function readCases(world: World, file: string): Promise<CasesFile> {
  return { file, ...readPolicyCases(await readSource(world, file), { file }) };
}

/**
 * The files of cases at a path: itself, those in a directory, or those that lie beside a policy.
 *
 * @throws {UsageError} when there are none
 */
export async function casesAt(world: World, path: string): Promise<readonly string[]> {
  const { files, isDirectory } = await filesAt(world, path);
  const cases = files.filter(holdsCases);
  if (cases.length > 0) return cases;
  if (isDirectory) throw new UsageError(`\`${path}\` holds no \`*.test.yaml\` file`);
  // Read for the reason, should the policy itself not be there.
  await readSource(world, path);
  const beside = join(path).replace(/(\.ya?ml)?$/i, ".test$1");
  const names = await namesIn(world, dirname(beside));
  if (names?.includes(basename(beside)) !== true)
    throw new UsageError(`\`${path}\` has no tests \`${beside}\` beside it`);
  return [beside];
}

/** The policies that a file of cases tests, as paths. */
export function testedBy({ file, policies }: CasesFile): string[] {
  if (policies.length === 0) return [file.replace(/\.test(\.ya?ml)$/i, "$1")];
  return policies.map((policy) => join(dirname(file), policy));
}
