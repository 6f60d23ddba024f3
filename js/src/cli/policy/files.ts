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

/**
 * The file itself, or the YAML files in a directory in the order of their names.
 *
 * @throws {UsageError} when it cannot be read, or a directory holds none
 */
export async function filesAt(world: World, path: string): Promise<string[]> {
  try {
    const names = await world.readDirectory(path);
    const files = names.filter((name) => /\.ya?ml$/i.test(name)).map((name) => join(path, name));
    if (files.length === 0) throw new UsageError(`\`${path}\` holds no \`.yaml\` or \`.yml\` file`);
    return files.sort();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // Whether a file is there is seen when it is read.
    if ((error as { code?: string }).code === "ENOTDIR") return [path];
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
    const files = (await filesAt(world, path)).filter((file) => file === path || !holdsCases(file));
    if (files.length === 0) throw new UsageError(`\`${path}\` holds no policy`);
    for (const file of files.filter((each) => policies.every((policy) => policy.file !== each))) {
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
export async function casesAt(world: World, path: string): Promise<string[]> {
  const files = await filesAt(world, path);
  const cases = files.filter(holdsCases);
  if (cases.length > 0) return cases;
  if (files[0] !== path) throw new UsageError(`\`${path}\` holds no \`*.test.yaml\` file`);
  const folder = dirname(path);
  const own = basename(path).replace(/(\.ya?ml)$/i, ".test$1");
  // Read for its reason why it is not there.
  await readSource(world, path);
  const beside = (await namesIn(world, folder)).find((name) => name === own);
  if (beside === undefined) throw new UsageError(`\`${path}\` has no \`${own}\` beside it`);
  return [join(folder, beside)];
}

async function namesIn(world: World, folder: string): Promise<readonly string[]> {
  try {
    return await world.readDirectory(folder);
  } catch (error) {
    throw new UsageError(`cannot read \`${folder}\`: ${reasonOf(error)}`);
  }
}

/** The policies that a file of cases tests, as paths. */
export function testedBy({ file, policies }: CasesFile): string[] {
  if (policies.length === 0) return [file.replace(/\.test(\.ya?ml)$/i, "$1")];
  return policies.map((policy) => join(dirname(file), policy));
}
