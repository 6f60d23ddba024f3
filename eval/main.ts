// Measures the package on a folder of labelled texts: prints tables, writes the same figures as JSON.
import { writeFileSync } from "node:fs";
import { Shield, type ShieldConfig } from "@runesec/scanner";
import { l2Model } from "@runesec/scanner/l2";
import { evaluate, type Scan } from "./evaluate.js";
import { print } from "./print.js";
import { readFolder } from "./rows.js";

const [folder = "", results = ""] = process.argv.slice(2);
// What fails is counted below; a warning would only say it once more.
const scanWith = (config: ShieldConfig): Scan => {
  const shield = new Shield({ eventsEnabled: false, onWarning: () => {}, ...config });
  return (text) => shield.scanInput(text);
};
const l2 = { l2Enabled: true, l2Model } as const;
const [l1Alone, l2Alone, both] = [scanWith({}), scanWith({ ...l2, l1Enabled: false }), scanWith(l2)];
const everything = scanWith({ ...l2, l1Enabled: false, l2FlagThreshold: 1e-6 });
const score = (text: string): number => Math.max(0, ...everything(text).threatsDetected.map((each) => each.score));

const layers = { scans: { L1: l1Alone, L2: l2Alone, "L1 + L2": both }, score };
const evaluation = evaluate(readFolder(folder), l1Alone, layers);
print(evaluation, console.log);
writeFileSync(results, `${JSON.stringify({ folder, ...evaluation }, null, 2)}\n`);
console.log(`\n  written to ${results}`);
