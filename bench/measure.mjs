// How long calls take, beside each other.
import { quantile } from "./table.mjs";

const ROUNDS = 40;
const BATCH_MS = 10;
/** Long enough for the runtime to have compiled wasm and regular expressions as well as it ever will. */
const WARM_UP_MS = 400;

/** The median time of one call for each contender, in milliseconds; they take turns, so that both meet the same noise. */
export function measure(calls, text) {
  for (const call of calls) warmUp(call, text);
  const batches = calls.map((call) => batchOf(call, text));
  const samples = calls.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, call] of calls.entries())
      samples[index].push(timeOf(call, text, batches[index]) / batches[index]);
  }
  return samples.map((each) => quantile(each, 0.5));
}

function warmUp(call, text) {
  const started = performance.now();
  while (performance.now() - started < WARM_UP_MS) call(text);
}

/** How many calls make a batch that a clock can measure. */
function batchOf(call, text) {
  let batch = 1;
  while (timeOf(call, text, batch) < BATCH_MS) batch *= 2;
  return batch;
}

function timeOf(call, text, times) {
  const started = performance.now();
  for (let index = 0; index < times; index++) call(text);
  return performance.now() - started;
}
