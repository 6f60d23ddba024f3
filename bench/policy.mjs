// How long a decision about a call takes, and how long a policy takes to load, beside other engines in the same process.
import { createRequire } from "node:module";
import { Shield } from "@runesec/scanner";
import { Ajv2020 } from "ajv/dist/2020.js";
import { load } from "js-yaml";
import { contenders } from "./policy-engines.mjs";
import { policyOf, rulesOf } from "./policy-rules.mjs";
import { duration, printTable, quantile } from "./table.mjs";

const SIZES = [10, 100, 1_000];
const ROUNDS = 151;
/** Short, so that most batches are over before the system gives the processor to somebody else. */
const BATCH_MS = 0.5;
/** Long enough for the runtime to have compiled all that it will. */
const WARM_UP_MS = 250;
/** Calls that take turns. Each agent calls each tool. */
const AGENTS = 32;
const TOOLS = 16;

const rows = [];
for (const size of SIZES) {
  const rules = rulesOf(size);
  const engines = await contenders(rules);
  rows[0] ??= ["p50 in µs", ...Object.keys(engines), "ratios"];
  for (const [name, calls] of Object.entries(callsOn(rules))) {
    const wanted = name.startsWith("block");
    for (const [engine, decide] of Object.entries(engines)) {
      if (calls().some((call) => decide(call) === wanted))
        throw new Error(`${engine} decides wrongly: ${name}, ${size} rules`);
    }
    const times = measure(Object.values(engines), calls);
    const ratios = times.slice(1).map((time) => (time / times[0]).toPrecision(2));
    rows.push([`${size} rules, ${name}`, ...times.map(micros), ratios.map((ratio) => `${Number(ratio)} x`).join(", ")]);
  }
}
printTable(
  "Decision about a call of a tool, without arguments (the ratios say how many times as long the others take)",
  rows,
);

const yaml = policyOf(rulesOf(100));
const shield = new Shield();
const schema = createRequire(import.meta.url)("@runesec/scanner/policy.schema.json");
const validate = new Ajv2020({ strictRequired: false }).compile(schema);
const loaders = {
  "@runesec/scanner": () => shield.addPolicy(yaml),
  "js-yaml + ajv": () => {
    if (!validate(load(yaml))) throw new Error("ajv refuses the policy");
  },
};
const loading = measure(Object.values(loaders), () => [undefined]);
printTable("Loading a policy of 100 rules", [
  ["p50", ...Object.keys(loaders), "ratio"],
  ["read, checked, in force", ...loading.map(duration), `${(loading[1] / loading[0]).toFixed(1)} x`],
]);
console.log("\n  js-yaml + ajv reads and validates by the package's schema, and has nothing to decide with yet");

/** Two digits of microseconds. */
function micros(ms) {
  return Number((ms * 1000).toPrecision(2));
}

/** By what is decided, functions that return calls. */
function callsOn(rules) {
  const agents = Array.from({ length: AGENTS }, (_, number) => `team-${number % 8}-agent-${number}`);
  const denied = rules.filter((rule) => rule.agent === "*").slice(0, TOOLS);
  const harmless = Array.from({ length: TOOLS }, (_, number) => `tool-${number * 3}.read`);
  const mixed = (tools) => {
    const calls = tools.flatMap((tool) => agents.map((agent) => ({ agent, tool })));
    // Neither agents nor tools come in a row.
    const shuffled = calls.map((_, index) => calls[(index * 167) % calls.length]);
    return () => shuffled;
  };
  let strangers = 0;
  return {
    allow: mixed(harmless),
    block: mixed(denied.map(({ tool }) => tool.replace("*", "x"))),
    "allow, always a new agent and tool": () =>
      Array.from({ length: 64 }, () => ({ agent: `stranger-${++strangers}`, tool: `tool-${strangers}.read` })),
  };
}

/** The median time of one call for each contender, in milliseconds; they take turns, so that all meet the same noise. */
function measure(deciders, calls) {
  for (const decide of deciders) {
    const started = performance.now();
    while (performance.now() - started < WARM_UP_MS) for (const call of calls()) decide(call);
  }
  const batches = deciders.map((decide) => {
    let batch = 1;
    while (timeOf(decide, calls, batch) < BATCH_MS) batch *= 2;
    return batch;
  });
  const samples = deciders.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, decide] of deciders.entries()) {
      // What the others have driven out of the processor's caches comes back.
      timeOf(decide, calls, Math.ceil(batches[index] / 4));
      samples[index].push(timeOf(decide, calls, batches[index]) / batches[index]);
    }
  }
  return samples.map((each) => quantile(each, 0.5));
}

function timeOf(decide, calls, times) {
  const made = [];
  while (made.length < times) made.push(...calls());
  const started = performance.now();
  for (let index = 0; index < times; index++) decide(made[index]);
  return performance.now() - started;
}
