// How long a scan of ordinary English takes, beside the same patterns as JavaScript regular expressions and beside another package.
import { readFileSync } from "node:fs";
import { PIIScanner, PromptInjectionScanner, SecretsScanner, ToxicityScanner } from "@llm-dev-ops/shield-sdk";
import { Shield } from "@runesec/scanner";
import { english } from "./english.mjs";
import { measure } from "./measure.mjs";
import { duration, printTable } from "./table.mjs";

const SIZES = { "100 B": 100, "1 kB": 1_000, "10 kB": 10_000, "100 kB": 100_000 };

const shield = new Shield({ maxInputChars: 1_000_000 });
const peers = [new PromptInjectionScanner(), new SecretsScanner(), new PIIScanner(), new ToxicityScanner()];
const { regexes, refused } = compile(JSON.parse(readFileSync(process.argv[2], "utf8")));

const contenders = {
  "@runesec/scanner": (text) => shield.scanInput(text).threatsDetected.length,
  [`${regexes.length} JavaScript RegExps`]: (text) => scanWithRegexes(text),
  // They are `async` but wait for nothing: all is done when the calls return.
  "@llm-dev-ops/shield-sdk": (text) => peers.map((peer) => peer.scan(text)).length,
};

const rows = [["p50", ...Object.keys(contenders), "ratios"]];
for (const [name, length] of Object.entries(SIZES)) {
  const text = english(length);
  const times = measure(Object.values(contenders), text);
  const [own, ...others] = times;
  rows.push([name, ...times.map(duration), others.map((time) => `${(time / own).toFixed(1)} x`).join(", ")]);
}
printTable("Latency of one scan of ordinary English (the ratios say how many times as long the others take)", rows);
console.log(
  `\n  ${refused.length} patterns left out, since JavaScript cannot compile them${refused.length > 0 ? `: ${refused.slice(0, 5).join(", ")}` : ""}`,
);
console.log("  shield-sdk: all of its scanners, called one by one, without what puts their results together");
console.log(
  "  the RegExps read the text as it is; the package also sees through what hides it, and maps findings back",
);

/**
 * Compiles what JavaScript can. A pattern that reads folded text ignores case instead. `(?-u:…)` says that a class
 * counts bytes; its upper end, the last byte, stands for all that is not ASCII.
 */
function compile(patterns) {
  const regexes = [];
  const refused = [];
  for (const { id, reads, regex, flags } of patterns) {
    try {
      const all = new Set([...(flags ?? ""), "g", ...(reads === "folded" ? ["i"] : [])]);
      regexes.push(new RegExp(regex.replaceAll("(?-u:", "(?:").replaceAll("\\xFF", "\\uFFFF"), [...all].join("")));
    } catch {
      refused.push(id);
    }
  }
  return { regexes, refused };
}

function scanWithRegexes(text) {
  let found = 0;
  for (const regex of regexes) {
    for (const _ of text.matchAll(regex)) found += 1;
  }
  return found;
}
