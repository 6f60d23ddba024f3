// Builds the consumers as the bundlers do that people have, each with no more configuration than it needs to build at all.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { build as buildWithVite } from "vite";
import webpack from "webpack";

/** `vite/` with a page for each script, by name. */
export async function bundleWithVite(project, scripts) {
  const source = `${project}/vite-source`;
  mkdirSync(source);
  const page = (script) =>
    `<!doctype html><title>cases</title><link rel="icon" href="data:,"><script type="module" src="../${script}"></script>`;
  const input = Object.entries(scripts).map(([name, script]) => {
    writeFileSync(`${source}/${name}.html`, page(script));
    return `${source}/${name}.html`;
  });
  await buildWithVite({
    root: source,
    base: "/vite/",
    configFile: false,
    logLevel: "error",
    build: {
      outDir: `${project}/vite`,
      modulePreload: false,
      target: "es2022",
      rollupOptions: { input },
    },
  });
}

/** `webpack/` with a bundle of each script, by name. */
export function bundleWithWebpack(project, scripts) {
  const config = {
    mode: "production",
    context: project,
    entry: Object.fromEntries(Object.entries(scripts).map(([name, script]) => [name, `./${script}`])),
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

/** Builds an app of Next's in its folder, after installing what it needs and the package. */
export function bundleWithNext(app, tarball) {
  const npm = (...argv) => execFileSync("npm", argv, { cwd: app, stdio: ["ignore", "ignore", "inherit"] });
  npm("install", "--prefer-offline", "--no-audit", "--no-fund", "--silent", resolve(tarball));
  npm("exec", "--", "next", "build");
}
