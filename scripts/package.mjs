// Fills pkg/ with what npm receives, from js/generated (see `make wasm`), js/src and pkg-template.
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { bundle } from "./bundle.mjs";
import { writeDeclarations } from "./declarations.mjs";
import { root } from "./root.mjs";
import { optimise } from "./wasm-opt.mjs";

const pkg = `${root}/pkg`;
const dist = `${pkg}/dist`;

checkVersion();
rmSync(pkg, { recursive: true, force: true });
mkdirSync(`${dist}/cjs`, { recursive: true });
cpSync(`${root}/pkg-template`, pkg, { recursive: true });
for (const file of ["README.md", "LICENSE", "policies"])
  cpSync(`${root}/${file}`, `${pkg}/${file}`, { recursive: true });

const wasm = optimise(`${root}/js/generated/scanner_bg.wasm`);
cpSync(wasm, `${dist}/scanner.wasm`);
cpSync(`${root}/model/similarity.bin`, `${dist}/similarity.bin`);
await bundle(wasm, dist);
chmodSync(`${dist}/cli.js`, 0o755);
// This folder is CommonJS inside a package of ES modules; the same holds for the declarations in it.
writeFileSync(`${dist}/cjs/package.json`, '{ "type": "commonjs" }\n');
writeDeclarations([`${dist}/types`, `${dist}/cjs/types`]);

/** The version stands in three files; npm would happily publish versions that differ. */
function checkVersion() {
  const crate = /^version = "(.+)"$/m.exec(readFileSync(`${root}/Cargo.toml`, "utf8"))?.[1];
  const { version } = JSON.parse(readFileSync(`${root}/pkg-template/package.json`, "utf8"));
  const told = /VERSION = "(.+)"/.exec(readFileSync(`${root}/js/src/version.ts`, "utf8"))?.[1];
  if (version !== crate) throw new Error(`pkg-template/package.json says version ${version}, Cargo.toml says ${crate}`);
  if (told !== crate) throw new Error(`js/src/version.ts says version ${told}, Cargo.toml says ${crate}`);
}
