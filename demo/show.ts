import { randomInt } from "node:crypto";
import { type Finding, type ScanResult, Shield } from "@runesec/scanner";
import { type Colour, painter } from "../js/src/cli/paint.js";
import { wrap } from "../js/src/cli/report.js";
import { fakeGithubToken } from "../js/test/shared/fake-token.js";
import { typeset } from "./page.js";
import transcript from "./transcript.json" with { type: "json" };

const WIDTH = 100;
const INDENT = "    ";
const COLOURS = { allow: "green", log: "yellow", alert: "yellow", block: "red" } as const satisfies Record<
  ScanResult["actionTaken"],
  Colour
>;

const paint = painter(process.stdout.isTTY === true && !process.env["NO_COLOR"]);
const shield = new Shield({ defaultAgentId: "shop-assistant", eventsEnabled: false });
/** The fixture holds a place for a token, so that no file holds anything that looks like one. */
const token = fakeGithubToken(() => randomInt(62));
const messages = JSON.parse(JSON.stringify(transcript).replaceAll("{{github_token}}", token)) as typeof transcript;

// The figures below are those of a process that has scanned before, as a server's soon has.
const warmUp = new Shield({ eventsEnabled: false });
for (let round = 0; round < 300; round++) for (const { content } of messages) warmUp.scanOutput(content);

console.log(`\n${paint("An agent of an online shop, message by message", "bold")}\n`);
for (const { who, direction, content } of messages) {
  const result = direction === "output" ? shield.scanOutput(content) : shield.scanInput(content);
  const verdict = paint(result.actionTaken.padEnd(5), COLOURS[result.actionTaken]);
  const facts = `${verdict}  risk ${result.riskScore.toFixed(2)}  ${result.scanLatencyMs.toFixed(2).padStart(5)} ms`;
  console.log(`${paint(`${who} (${direction})`.padEnd(WIDTH - 29), "bold")}${facts}`);
  for (const [path, text] of shownTexts(content, result)) {
    const findings = result.threatsDetected.filter((finding) => finding.path === path);
    if (path !== null) console.log(`${INDENT}${paint(path, "cyan")}`);
    for (const row of typeset(text, findings, WIDTH - INDENT.length, paint)) console.log(INDENT + row);
    for (const finding of findings) console.log(describe(finding));
  }
  console.log();
}

const answer = messages.at(-1)?.content as string;
console.log(paint("The last answer, redacted", "bold"));
for (const style of ["redacted", "typed", "mask"] as const) {
  console.log(`${INDENT}${style.padEnd(10)}${shield.redact(answer, { style }).split("\n")[0]}`);
}
console.log(`\n${paint("stats", "bold")}     ${JSON.stringify(shield.stats)}\n`);

/** The texts worth showing: the content itself when it is a text, else those inside it in which something was found. */
function shownTexts(content: unknown, { threatsDetected }: ScanResult): [string | null, string][] {
  if (typeof content === "string") return [[null, content]];
  const paths = new Set(threatsDetected.map(({ path }) => path ?? "$"));
  return [...paths].map((path) => [path, textAt(content, path)]);
}

/** Follows a finding's path into the value it was found in. */
function textAt(content: unknown, path: string): string {
  let at = content;
  for (const [, name, index, quoted] of path.matchAll(/\.([\w$]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)) {
    at = (at as Record<string, unknown>)[quoted === undefined ? (name ?? index ?? "") : JSON.parse(quoted)];
  }
  return String(at);
}

function describe({ patternId, type, severity, score, via, explanation }: Finding): string {
  const hidden = via.length > 0 ? `, hidden by ${via.join(", ")}` : "";
  const [first = "", ...rest] = wrap(`${explanation}`, WIDTH - 2 * INDENT.length);
  const lines = [
    `${paint(patternId, "yellow")} (${type}, ${severity}, ${score.toFixed(2)}${hidden})`,
    ...[first, ...rest].map((line) => `  ${paint(line, "dim")}`),
  ];
  return lines.map((line) => `${INDENT}${line}`).join("\n");
}
