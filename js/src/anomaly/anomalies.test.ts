import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Anomalies, type ObservedCall } from "./anomalies.js";

const MINUTE_MS = 60_000;
const KEYED = "00112233445566aa";

/** What is told of calls, one after the other. */
class Watch {
  readonly #anomalies = new Anomalies(() => KEYED);
  nowMs = 0;

  /** The kinds that a call has, which is made this long after the one before. */
  call(changed: Partial<ObservedCall> = {}, afterMs = 10_000): string[] {
    this.nowMs += afterMs;
    const usual = { agentId: "a", sessionId: null, tool: "search", size: 100, risk: 0 };
    return this.#anomalies.observe({ ...usual, ...changed }, this.nowMs).map(({ patternId }) => patternId);
  }

  /** The same for many equal calls. */
  calls(count: number, changed: Partial<ObservedCall> = {}, afterMs = 10_000): string[] {
    return Array.from({ length: count }, () => this.call(changed, afterMs)).flat();
  }

  block(agentId = "a"): void {
    this.#anomalies.noteBlocked({ agentId }, this.nowMs);
  }

  risk(risk: number, sessionId: string | null = null): void {
    this.#anomalies.noteRisk({ agentId: "a", sessionId }, risk);
  }
}

test("a burst is told once a minute, and only of an agent whose pace is known", () => {
  const watch = new Watch();
  deepEqual(watch.calls(100, {}, 10), [], "nothing is known yet");
  deepEqual(watch.calls(600), []);
  deepEqual(watch.calls(200, {}, 100), ["anomaly.burst"]);
  deepEqual(watch.calls(100, { agentId: "other" }, 10), [], "each agent has a pace of its own");
});

test("who is quiet may be busy for a minute; who is always busy may be so", () => {
  const quiet = new Watch();
  deepEqual(quiet.calls(200, {}, 5 * MINUTE_MS), []);
  deepEqual(quiet.calls(25, {}, 100), []);
  const busy = new Watch();
  deepEqual(busy.calls(100_000, {}, 100), []);
});

test("a clock that is set back tells nothing and breaks nothing", () => {
  const watch = new Watch();
  watch.calls(600);
  watch.nowMs -= 30 * MINUTE_MS;
  deepEqual(watch.calls(20, {}, 1_000), []);
  watch.nowMs += 31 * MINUTE_MS;
  deepEqual(watch.calls(60), []);
  deepEqual(watch.calls(100, {}, 100), ["anomaly.burst"]);
});

test("a tool is new once an agent has settled on others", () => {
  const watch = new Watch();
  watch.calls(150);
  deepEqual(watch.call({ tool: "early" }), [], "it is still learnt which it uses");
  watch.calls(300);
  watch.call({ tool: "early" });
  deepEqual(watch.call({ tool: "delete_all" }), ["anomaly.new_tool"]);
  deepEqual(watch.call({ tool: "delete_all" }), [], "then it is known");
});

test("an agent that keeps using other tools never settles", () => {
  const watch = new Watch();
  const kinds = Array.from({ length: 1_000 }, (_, step) => watch.call({ tool: `made-up-${step}` })).flat();
  deepEqual(kinds, []);
});

test("arguments are large beside what the tool usually gets", () => {
  const watch = new Watch();
  watch.calls(50, { tool: "note", size: 120 });
  watch.calls(50, { tool: "upload", size: 50_000 });
  deepEqual(watch.call({ tool: "note", size: 900 }), [], "a few sentences are never much");
  deepEqual(watch.call({ tool: "upload", size: 60_000 }), []);
  deepEqual(watch.call({ tool: "note", size: 50_000 }), ["anomaly.large_arguments"]);
  deepEqual(watch.call({ tool: "note", size: null }), [], "arguments that were not read have no size");
});

test("going on after five blocked calls in ten minutes is told once", () => {
  const watch = new Watch();
  for (let attempt = 0; attempt < 4; attempt++) watch.block();
  deepEqual(watch.call(), []);
  watch.block();
  deepEqual(watch.call({ agentId: "other" }), []);
  deepEqual(watch.call(), ["anomaly.blocked_attempts"]);
  deepEqual(watch.call(), []);
  for (let attempt = 0; attempt < 5; attempt++) {
    watch.block();
    watch.nowMs += 5 * MINUTE_MS;
  }
  deepEqual(watch.call(), [], "five in twenty minutes are few");
});

test("risk that adds up over a session is told, single suspicions are not", () => {
  const watch = new Watch();
  const steps = Array.from({ length: 30 }, (_, step) => watch.call({ sessionId: "s", risk: Math.min(0.5, step / 25) }));
  equal(steps.findIndex((kinds) => kinds.includes("anomaly.rising_risk")) < 20, true);
  const calm = Array.from({ length: 300 }, (_, step) =>
    watch.call({ sessionId: "t", risk: step % 10 === 0 ? 0.6 : 0 }),
  );
  deepEqual(calm.flat(), []);
  for (let scan = 0; scan < 4; scan++) watch.risk(0.7, "u");
  deepEqual(watch.call({ sessionId: "u" }), ["anomaly.rising_risk"], "what was only scanned counts, too");
});

test("a finding says what is unusual and nothing of the call", () => {
  const anomalies = new Anomalies(() => KEYED);
  for (let attempt = 0; attempt < 5; attempt++) anomalies.noteBlocked({ agentId: null }, 0);
  const call = { agentId: null, sessionId: null, tool: "secret-tool", size: 1, risk: 0 };
  deepEqual(anomalies.observe(call, 0), [
    {
      type: "anomaly",
      patternId: "anomaly.blocked_attempts",
      severity: "high",
      score: 0.8,
      layer: null,
      start: 0,
      end: 0,
      path: null,
      fingerprint: KEYED,
      via: [],
      explanation: "The agent goes on after it was blocked again and again; somebody may be trying ways around.",
    },
  ]);
});

test("agents, sessions and tools without end take bounded memory", () => {
  const anomalies = new Anomalies(() => KEYED);
  const call = { agentId: "a", sessionId: null, tool: "t", size: 1, risk: 0 };
  for (let number = 0; number < 30_000; number++) {
    anomalies.observe({ ...call, agentId: `a${number}`, sessionId: `s${number}` }, number);
    anomalies.observe({ ...call, tool: `${number}`.repeat(1_000) }, number);
  }
  const before = process.memoryUsage().heapUsed;
  for (let number = 30_000; number < 60_000; number++) {
    anomalies.observe({ ...call, agentId: `a${number}`, sessionId: `s${number}` }, number);
    anomalies.observe({ ...call, tool: `${number}`.repeat(1_000) }, number);
  }
  equal(process.memoryUsage().heapUsed - before < 40e6, true);
});
