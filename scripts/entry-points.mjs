// The entry points in js/src/entrypoints, by how they can be loaded.

const EITHER = [
  "ai-sdk",
  "browser",
  "cloudflare",
  "hono",
  "inline",
  "judge",
  "langchain",
  "mcp",
  "openai-agents",
  "slim",
  "testing",
];

/** Those that are imported. */
export const ESM = [...EITHER, "edge-light", "l2", "l2-workerd", "workerd"];
/** Those that are required. */
export const CJS = [...EITHER, "l2-require"];
