// What `protect` adds to a call beyond scanning its arguments, and whether a server that hangs is felt.
import { once } from "node:events";
import { createServer } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Shield } from "@runesec/scanner";
import { duration, printTable, quantile } from "./table.mjs";

const ROUNDS = 101;
const CALLS = 200;
const WARM_UP_CALLS = 20_000;
const CONCURRENT = 1_000;
const WAVES = 100;

const params = { query: "weather in Lisbon tomorrow", days: 3 };
async function search(_params) {}

const taking = await serve((_, response) => response.writeHead(202).end('{"accepted":50}'));
const hanging = await serve(() => {});
const silent = new Shield({ eventsEnabled: false });
const telling = shieldTelling(taking);

const calls = {
  "bare call": search,
  "scanInput(arguments)": async (given) => silent.scanInput(given),
  "protect, without events": silent.protect()(search),
  "protect, with events": telling.protect()(search),
};
const times = await measure(Object.values(calls));
printTable("One call of an empty async function (the ratio is to the bare call)", [
  ["p50", "time", "ratio", "beyond bare call and scan"],
  ...Object.keys(calls).map((name, index) => [
    name,
    duration(times[index]),
    `${(times[index] / times[0]).toFixed(0)} x`,
    index < 2 ? "" : duration(times[index] - times[0] - times[1]),
  ]),
]);

const unreachable = shieldTelling(hanging);
const rows = [["p99 of the event loop's delay", "", "events"]];
for (const [name, shield, call] of [
  ["bare calls", null, search],
  ["scanInput(arguments)", null, calls["scanInput(arguments)"]],
  ["protect, server takes events", telling, calls["protect, with events"]],
  ["protect, server hangs", unreachable, unreachable.protect()(search)],
]) {
  const p99Ms = await delay(call);
  const { eventsQueued, eventsDroppedTotal } = shield?.stats ?? {};
  rows.push([name, duration(p99Ms), shield === null ? "" : `${eventsQueued} wait, ${eventsDroppedTotal} dropped`]);
}
printTable(`${WAVES} times ${CONCURRENT} calls at once`, rows);
process.exit(0);

function shieldTelling(server) {
  const eventsEndpoint = `http://127.0.0.1:${server.address().port}`;
  return new Shield({ apiKey: "rune_live_bench", eventsEndpoint, onWarning: () => {} });
}

async function serve(answer) {
  const server = createServer((request, response) => {
    request.resume().on("end", () => answer(request, response));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

/** The median time of a call for each contender, in milliseconds; they take turns. */
async function measure(contenders) {
  for (const call of contenders) for (let done = 0; done < WARM_UP_CALLS; done++) await call(params);
  const samples = contenders.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, call] of contenders.entries()) {
      const started = performance.now();
      for (let done = 0; done < CALLS; done++) await call(params);
      samples[index].push((performance.now() - started) / CALLS);
      // Batches are delivered between the measurements, not during those of others.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  return samples.map((each) => quantile(each, 0.5));
}

/** Milliseconds by which the event loop is late while many calls run at once, at most in 99 of 100 looks. */
async function delay(call) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  for (let wave = 0; wave < WAVES; wave++) {
    await Promise.all(Array.from({ length: CONCURRENT }, () => call(params)));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  histogram.disable();
  return histogram.percentile(99) / 1e6;
}
