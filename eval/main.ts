// Measures the package on a folder of labelled texts: prints tables, writes the same figures as JSON.
import { writeFileSync } from "node:fs";
import { Shield } from "@runesec/scanner";
import { evaluate } from "./evaluate.js";
import { print } from "./print.js";
import { readFolder } from "./rows.js";

const [folder = "", results = ""] = process.argv.slice(2);
// What fails is counted below; a warning would only say it once more.
const shield = new Shield({ eventsEnabled: false, onWarning: () => {} });

const evaluation = evaluate(readFolder(folder), (text) => shield.scanInput(text));
print(evaluation, console.log);
writeFileSync(results, `${JSON.stringify({ folder, ...evaluation }, null, 2)}\n`);
console.log(`\n  written to ${results}`);
