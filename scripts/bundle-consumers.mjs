// Builds the consumers as the bundlers do that people have, each with no more configuration than it needs to build at all.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { build as buildWithVite } from "vite";
import webpack from "webpack";
import { root } from "./root.mjs";

/** `vite/` with an `index.html` and an `l2.html`, and their scripts. */
export async function bundleWithVite(project) {
  const source = `${project}/vite-source`;
  mkdirSync(source);
  const page = (script) =>
    `<!doctype html><title>cases</title><link rel="icon" href="data:,"><script type="module" src="../${script}"></script>`;
  writeFileSync(`${source}/index.html`, page("consumer-browser.mjs"));
  writeFileSync(`${source}/l2.html`, page("consumer-l2-browser.mjs"));
  await buildWithVite({
    root: source,
    base: "/vite/",
    configFile: false,
    logLevel: "error",
    build: {
      outDir: `${project}/vite`,
      modulePreload: false,
      target: "es2022",
      rollupOptions: { input: [`${source}/index.html`, `${source}/l2.html`] },
    },
  });
}

/** `webpack/main.js` and `webpack/l2.js` */
export function bundleWithWebpack(project) {
  const config = {
    mode: "production",
    context: project,
    entry: { main: "./consumer-browser.mjs", l2: "./consumer-l2-browser.mjs" },
    output: { path: `${project}/webpack` },
    performance: { hints: false },
  };
  return new Promise((resolve, reject) => {
    webpack(config, (error, stats) => {
      if (error) reject(error);
      else if (stats.hasErrors() || stats.hasWarnings())
        reject(new Error(stats.toString({ all: false, errors: true, warnings: true })));
      else resolve();
    });
  });
}

/** `next/`, an app with a route in each of Next's runtimes and a page that runs in the browser, built. */
export function bundleWithNext(project, tarball) {
  const app = `${project}/next`;
  cpSync(`${root}/js/test/package/next`, app, { recursive: true });
  cpSync(`${project}/cases.mjs`, `${app}/cases.mjs`);
  const npm = (...argv) => execFileSync("npm", argv, { cwd: app, stdio: ["ignore", "ignore", "inherit"] });
  npm("install", "--prefer-offline", "--no-audit", "--no-fund", "--silent", resolve(tarball));
  npm("exec", "--", "next", "build");
}
