// Stands in for Vercel's bundler: `./scanner.wasm?module` is a compiled module, made in another realm.
import { register } from "node:module";

const hooks = `
import { readFileSync } from "node:fs";
export async function load(url, context, next) {
  if (!url.endsWith(".wasm?module")) return next(url, context);
  const source = \`
    import { readFileSync } from "node:fs";
    import { runInNewContext } from "node:vm";
    const bytes = readFileSync(new URL(\${JSON.stringify(url.replace("?module", ""))}));
    export default runInNewContext("new WebAssembly.Module(bytes)", { bytes });
  \`;
  return { format: "module", source, shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const scanner = await import("@runesec/scanner");
const { runCases } = await import("./cases.mjs");
console.log(JSON.stringify(runCases(scanner)));
