// Writes the type declarations that the entry points reach.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { CJS, ESM } from "./entry-points.mjs";
import { root } from "./root.mjs";

/** @param {string[]} outdirs each gets the same declarations */
export function writeDeclarations(outdirs) {
  const emitted = mkdtempSync(join(tmpdir(), "runesec-types-"));
  try {
    execFileSync(`${root}/node_modules/.bin/tsc`, ["-p", `${root}/js/tsconfig.types.json`, "--outDir", emitted], {
      stdio: "inherit",
    });
    for (const file of reachable(
      [...new Set([...ESM, ...CJS])].map((name) => join(emitted, "entrypoints", `${name}.d.ts`)),
    )) {
      for (const outdir of outdirs) {
        const target = join(outdir, file.slice(emitted.length));
        mkdirSync(dirname(target), { recursive: true });
        cpSync(file, target);
      }
    }
  } finally {
    rmSync(emitted, { recursive: true });
  }
}

/** The files and all that they import: the compiler also emits what only the implementation uses. */
function reachable(files) {
  const seen = new Set(files);
  for (const file of seen) {
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)\.js"/g)) {
      const imported = resolve(dirname(file), `${specifier}.d.ts`);
      if (existsSync(imported)) seen.add(imported);
    }
  }
  return seen;
}
