import { isBase64 } from "../without-bytes.js";

/** Where requests of OpenAI, Anthropic and the AI SDK hold what was said. */
const SPOKEN = ["messages", "message", "input", "prompt"] as const;
/** Where they hold instructions. */
const INSTRUCTIONS = ["system", "instructions"] as const;
/** Where they hold the addresses of files. Elsewhere one that contains its file is a text like any other. */
const ADDRESSES: readonly string[] = ["data", "file_data", "file_url", "image", "image_url", "url"];

/**
 * What is to be scanned of the body of a request: all that was said, in the shape in which it was, without files and without what
 * trusted roles say. Null when this is no request to a model.
 */
export function promptOf(body: unknown, trustedRoles: readonly string[]): object | "too_deep" | null {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  const isTrusted = (message: unknown): boolean => {
    const { role } = (message ?? {}) as { readonly role?: unknown };
    return typeof role === "string" && trustedRoles.includes(role);
  };
  const spoken = SPOKEN.flatMap((name): [string, unknown][] => {
    const said = (body as Record<string, unknown>)[name];
    if (said === undefined || said === null) return [];
    // Trusted messages leave a hole, so that the paths of findings stay those of the request.
    if (Array.isArray(said)) return [[name, said.map((message) => (isTrusted(message) ? null : message))]];
    return isTrusted(said) ? [] : [[name, said]];
  });
  if (spoken.length === 0) return null;
  const instructions = trustedRoles.includes("system")
    ? []
    : INSTRUCTIONS.map((name) => [name, (body as Record<string, unknown>)[name]] as const);
  try {
    return JSON.parse(JSON.stringify(Object.fromEntries([...instructions, ...spoken]), withoutFiles)) as object;
  } catch {
    // What was read from JSON cannot be written only for want of stack.
    return "too_deep";
  }
}

/** Leaves out what is written in base64: as such no model reads it, and it is long. */
function withoutFiles(key: string, value: unknown): unknown {
  if (typeof value === "string")
    return ADDRESSES.includes(key) && value.startsWith("data:") && isBase64(value) ? undefined : value;
  const { type, data } = (value ?? {}) as { readonly type?: unknown; readonly data?: unknown };
  const isFile = (key === "input_audio" || type === "base64") && typeof data === "string" && isBase64(data);
  return isFile ? { ...(value as object), data: undefined } : value;
}
