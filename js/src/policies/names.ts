/**
 * What the names of synced documents begin with. So a document of the server and a local one may be called the same and are
 * both in force, and nobody can replace the server's by a name.
 */
const CLOUD = "cloud:";

/** What a document of the server is called here. */
export function cloudName(name: string): string {
  return `${CLOUD}${name}`;
}

/** Whether a document of this name came from the server. */
export function isCloud(name: string): boolean {
  return name.startsWith(CLOUD);
}

/** A name for a document that gives itself none. */
export function freeName(given: ReadonlySet<string | null>): string {
  for (let number = 1; ; number++) if (!given.has(`policy-${number}`)) return `policy-${number}`;
}

/** Whether what was asked for is this document: by its name, for those of the server with or without the prefix. */
export function meansDocument(asked: string, document: string): boolean {
  return asked === document || (isCloud(document) && cloudName(asked) === document);
}

/** Whether what was asked for is this rule, by itself or by its document. */
export function meansRule(asked: string, document: string, rule: string): boolean {
  if (asked === rule || meansDocument(asked, document)) return true;
  return asked.endsWith(`/${rule}`) && meansDocument(asked.slice(0, -rule.length - 1), document);
}

/** The same for a document of which only the name is known: that of any rule will do. */
export function meansAnyOf(asked: string, document: string): boolean {
  return meansDocument(asked.replace(/\/.*/s, ""), document);
}

/** Why the server's name for a document cannot be its name here; null when it can. */
export function refusalOf(name: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  const isPlain = name !== "" && [...name].length <= 100 && !/[\u0000-\u001f\u007f-\u009f/]/.test(name);
  return isPlain ? null : "a name has 1 to 100 characters, and no `/` among them";
}
