// What applications ship that do nothing but scan a text, as the bundlers build them that people have.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { bundleWithNext, bundleWithVite, bundleWithWebpack } from "./bundle-consumers.mjs";
import { inEmptyProject } from "./empty-project.mjs";
import { root } from "./root.mjs";

const SCAN = `new Shield().scanInput("Hello")`;
const IMPORT = `import { Shield } from "@runesec/scanner";\n`;
const PAGE = `${IMPORT}globalThis.result = ${SCAN};\n`;
const WORKER = `${IMPORT}export default { fetch: () => Response.json(${SCAN}) };\n`;

/**
 * @param {string} tarball
 * @returns {Promise<Record<string, Buffer>>} all files that each application ships, one after another
 */
export async function shippedOf(tarball) {
  const shipped = {};
  await inEmptyProject(tarball, async (project) => {
    writeFileSync(`${project}/page.mjs`, PAGE);
    writeFileSync(`${project}/worker.mjs`, WORKER);
    const common = { absWorkingDir: project, bundle: true, format: "esm", logLevel: "warning" };
    await build({ ...common, entryPoints: ["page.mjs"], outdir: "esbuild", minify: true, conditions: ["browser"] });
    // As wrangler does it.
    const conditions = ["workerd", "worker", "browser"];
    await build({ ...common, entryPoints: ["worker.mjs"], outdir: "worker", conditions, loader: { ".wasm": "copy" } });
    await bundleWithVite(project, { index: "page.mjs" });
    await bundleWithWebpack(project, { main: "page.mjs" });
    shipped["a page, by esbuild"] = contentOf(`${project}/esbuild`);
    shipped["a page, by Vite"] = contentOf(`${project}/vite/assets`);
    shipped["a page, by webpack"] = contentOf(`${project}/webpack`);
    shipped["a page of Next's, beside an empty one"] = shippedByNext(`${project}/next`, tarball);
    shipped["a Worker"] = contentOf(`${project}/worker`);
  });
  return shipped;
}

/** What a page that scans ships and one without the scanner does not, which is Next's and React's. */
function shippedByNext(app, tarball) {
  const page = (imports, result) => `"use client";
${imports}import { useEffect } from "react";
export default function Page() {
  useEffect(() => void (globalThis.result = ${result}), []);
  return "page";
}
`;
  mkdirSync(`${app}/app/empty`, { recursive: true });
  for (const file of ["package.json", "app/layout.js"])
    cpSync(`${root}/js/test/package/next/${file}`, `${app}/${file}`);
  writeFileSync(`${app}/app/page.js`, page(IMPORT, SCAN));
  writeFileSync(`${app}/app/empty/page.js`, page("", "null"));
  bundleWithNext(app, tarball);
  const scriptsOf = (name) => {
    const html = readFileSync(`${app}/.next/server/app/${name}.html`, "utf8");
    return [...new Set([...html.matchAll(/<script src="\/_next\/(static\/[^"?]+)/g)].map(([, path]) => path))];
  };
  const others = scriptsOf("empty");
  const own = scriptsOf("index").filter((path) => !others.includes(path));
  return Buffer.concat(own.map((path) => readFileSync(`${app}/.next/${path}`)));
}

/** All files in a folder, one after another. */
function contentOf(folder) {
  return Buffer.concat(readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`)));
}
