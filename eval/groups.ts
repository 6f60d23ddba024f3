/** The items that share a name, in the order of the names. */
export function groupBy<T>(items: readonly T[], nameOf: (item: T) => string): [name: string, items: T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What comes out for the items that share a name, by their names. */
export function byName<T, R>(
  items: readonly T[],
  nameOf: (item: T) => string,
  figureOf: (group: readonly T[]) => R,
): Record<string, R> {
  return Object.fromEntries(groupBy(items, nameOf).map(([name, group]) => [name, figureOf(group)]));
}
