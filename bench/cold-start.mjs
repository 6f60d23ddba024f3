// What the first scan of a fresh process costs: import, construction, and one kilobyte.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { printedInChromium } from "./chromium.mjs";
import { duration, printTable, quantile } from "./table.mjs";
import { coldStartsInWorkerd } from "./workerd.mjs";

const root = process.argv[2];
const RUNS = 15;

const PROBE = `
import { english } from "./english.mjs";
const text = english(1000);
const started = performance.now();
const { Shield } = await import("@runesec/scanner");
const imported = performance.now();
const shield = new Shield();
const constructed = performance.now();
shield.scanInput(text);
const scanned = performance.now();
shield.scanInput(text);
console.log(JSON.stringify([imported - started, constructed - imported, scanned - constructed, scanned - started, performance.now() - scanned]));
`;
writeFileSync("probe.mjs", PROBE);

const rows = [["p50 of fresh processes", "import", "new Shield()", "first scan, 1 kB", "together", "second scan"]];
const add = (name, printed) => {
  const runs = printed.map((line) => JSON.parse(line));
  const medianOf = (column) =>
    quantile(
      runs.map((run) => run[column]),
      0.5,
    );
  rows.push([name, ...runs[0].map((_, column) => duration(medianOf(column)))]);
};
for (const [name, program, ...argv] of [
  ["Node 20", "node-20/bin/node"],
  ["Node 26", "node-26/bin/node"],
  ["Deno", ".bin/deno", "run", "--no-prompt"],
  ["Bun", ".bin/bun"],
]) {
  const command = [`${root}/node_modules/${program}`, [...argv, "probe.mjs"], { encoding: "utf8" }];
  add(
    name,
    Array.from({ length: RUNS }, () => execFileSync(...command)),
  );
}
add("Chromium, from a server on this machine", await printedInChromium(root, PROBE, RUNS));
printTable("Cold start", rows);

// A Worker's clock stands still while it computes, so workerd is measured from outside.
const workerd = await coldStartsInWorkerd(root, RUNS);
printTable("Cold start in workerd: from the start of the process to the first answer", [
  ["p50 of fresh processes", "with a scan of 1 kB", "with nothing", "difference"],
  ["workerd", duration(workerd.scanning), duration(workerd.idle), duration(workerd.scanning - workerd.idle)],
]);
