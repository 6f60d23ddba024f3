import { ConfigurationError } from "./errors.js";
import { unknownName } from "./expectation.js";
import type { Category, Finding, Severity } from "./types.js";

/** In the order of the core's numbers. */
export const CATEGORIES: readonly Category[] = [
  "prompt_injection",
  "jailbreak",
  "data_exfiltration",
  "tool_abuse",
  "pii_detection",
  "secret_detection",
  "anomaly",
];

/** In the order of the core's numbers, which is from mild to bad. */
export const SEVERITIES: readonly Severity[] = ["low", "medium", "high", "critical"];

/** A finding in the core's numbers, as far as it weighs: category, severity, score. */
export function weightsOf({ type, severity, score }: Finding): number[] {
  return [CATEGORIES.indexOf(type), SEVERITIES.indexOf(severity), score];
}

/** What is told about a pattern; its position in the catalog is its number in the core. */
export interface Pattern {
  readonly id: string;
  readonly category: Category;
  readonly severity: Severity;
  readonly explanation: string;
}

/** The patterns of each Shield, by its hold on the core: the built-in ones and those of its user. */
const catalogs = new WeakMap<object, readonly Pattern[]>();

/** The patterns of `core` if they were read before, as they are when there is a finding. */
export function knownCatalog(core: object): readonly Pattern[] {
  return catalogs.get(core) ?? [];
}

/** The patterns of `core`, which are read at its first finding and not before. */
export function openCatalog(core: object, scanner: { patterns(): string }): readonly Pattern[] {
  let catalog = catalogs.get(core);
  if (catalog === undefined) {
    catalog = JSON.parse(scanner.patterns()) as Pattern[];
    catalogs.set(core, catalog);
  }
  return catalog;
}

const numbers = new WeakMap<readonly Pattern[], ReadonlyMap<string, number>>();

/** A pattern's number in a catalog; -1 when it is none of its patterns. */
export function numberOf(id: string, catalog: readonly Pattern[]): number {
  let known = numbers.get(catalog);
  if (known === undefined) {
    known = new Map(catalog.map((pattern, number) => [pattern.id, number]));
    numbers.set(catalog, known);
  }
  return known.get(id) ?? -1;
}

/**
 * The numbers of the patterns that `names` stand for. A name is an id, which covers its variants too (`phone_number`
 * is also `phone_number.de`), or a glob in which `*` stands for anything.
 *
 * @throws {ConfigurationError} for a name that stands for no pattern
 */
export function selectPatterns(names: readonly string[], catalog: readonly Pattern[]): Uint32Array {
  const selected = new Set<number>();
  for (const name of names) {
    const matches = matcherOf(name);
    const found = catalog.flatMap(({ id }, index) => (matches(id) ? [index] : []));
    if (found.length === 0) throw new ConfigurationError(explainUnknown(name, catalog));
    for (const index of found) selected.add(index);
  }
  return Uint32Array.from(selected).sort();
}

function matcherOf(name: string): (id: string) => boolean {
  if (!name.includes("*")) return (id) => id === name || id.startsWith(`${name}.`);
  const pieces = name.split("*");
  return (id) => matchesGlob(id, pieces);
}

/** Whether `id` is the pieces in order with anything between them. Greedy from the left, so linear, unlike a RegExp. */
function matchesGlob(id: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (id.length < first.length + last.length || !id.startsWith(first) || !id.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = id.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= id.length - last.length;
}

function explainUnknown(name: string, catalog: readonly Pattern[]): string {
  if (name.includes("*")) return `no pattern matches \`${name.slice(0, 60)}\``;
  const known = catalog.map(({ id }) => id);
  const sentence = unknownName("pattern", name, known);
  // With two hundred patterns the whole list would help nobody.
  return sentence.includes("did you mean") ? sentence : `unknown pattern \`${name.slice(0, 60)}\``;
}
