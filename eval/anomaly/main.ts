// Watches made-up agents as a Shield does, and prints how often it is wrong about them and how soon it notices what is wrong.
import { Anomalies } from "../../js/src/anomaly/anomalies.js";
import { table } from "../table.js";
import { Agent, type TimedCall } from "./agents.js";

const AGENTS = 1_000;
const CALLS = 10_000;
/** Calls after which what was not noticed counts as missed. */
const PATIENCE = 500;
const DAY_MS = 86_400_000;

const anomalies = new Anomalies(() => "0".repeat(16));
const alarms = new Map<string, number>();

function watch(call: TimedCall): string[] {
  const kinds = anomalies.observe(call, call.atMs).map(({ patternId }) => patternId);
  if (call.isBlocked) anomalies.noteBlocked(call, call.atMs);
  return kinds;
}

globalThis.gc?.();
const bytesBefore = process.memoryUsage().heapUsed;
const agents = Array.from({ length: AGENTS }, (_, seed) => new Agent(seed));
const bytesOfAgents = process.memoryUsage().heapUsed - bytesBefore;
let agentDays = 0;
for (const agent of agents) {
  let lastMs = 0;
  for (let call = 0; call < CALLS; call++) {
    const honest = agent.honest();
    lastMs = honest.atMs;
    for (const kind of watch(honest)) alarms.set(kind, (alarms.get(kind) ?? 0) + 1);
  }
  agentDays += lastMs / DAY_MS;
}
globalThis.gc?.();
const bytesPerAgent = (process.memoryUsage().heapUsed - bytesBefore - bytesOfAgents) / AGENTS;

const attacks: Record<string, (agent: Agent, step: number) => TimedCall> = {
  burst: (agent) => agent.hurried(),
  new_tool: (agent) => agent.strange(),
  large_arguments: (agent) => agent.swollen(),
  rising_risk: (agent, step) => agent.creeping(step),
};

const rows = [["", "alarms on honest calls per agent-day", "attacks noticed", "median delay", "delay of 95 %"]];
for (const [kind, attack] of Object.entries(attacks)) {
  const delays: number[] = [];
  const delaysMs: number[] = [];
  for (const agent of agents) {
    const first = attack(agent, 0);
    for (let step = 0, call = first; step < PATIENCE; step++, call = attack(agent, step)) {
      if (!watch(call).includes(`anomaly.${kind}`)) continue;
      delays.push(step + 1);
      delaysMs.push(call.atMs - first.atMs);
      break;
    }
    // Back to its habits before the next attack.
    for (let calm = 0; calm < 1_000; calm++) watch(agent.honest());
  }
  const perDay = ((alarms.get(`anomaly.${kind}`) ?? 0) / agentDays).toFixed(4);
  rows.push([
    kind,
    perDay,
    `${((100 * delays.length) / AGENTS).toFixed(1)} %`,
    ...[0.5, 0.95].map((share) => at(delays, delaysMs, share)),
  ]);
}
const total = [...alarms.values()].reduce((sum, count) => sum + count, 0);
rows.splice(1, 0, ["any", (total / agentDays).toFixed(4), "", "", ""]);
rows.push(["blocked_attempts", ((alarms.get("anomaly.blocked_attempts") ?? 0) / agentDays).toFixed(4), "", "", ""]);
const title = `${AGENTS} agents, ${CALLS} honest calls each, ${Math.round(agentDays)} agent-days`;
for (const line of table(title, rows)) console.log(line);
console.log(`\n  memory: ${(bytesPerAgent / 1024).toFixed(1)} kB for each agent that is remembered`);

/** A delay in calls and in time. */
function at(calls: number[], ms: number[], share: number): string {
  const quantile = (values: number[]): number =>
    values.sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
  return `${quantile(calls)} calls, ${(quantile(ms) / 1000).toFixed(0)} s`;
}
