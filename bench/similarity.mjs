// What L2 costs beside L1: a scan, and the first use.
import { Shield } from "@runesec/scanner";
import { l2Model } from "@runesec/scanner/l2";
import { english } from "./english.mjs";
import { measure } from "./measure.mjs";
import { duration, printTable, quantile } from "./table.mjs";

const SIZES = { "1 kB": 1_000, "10 kB": 10_000, "100 kB": 100_000 };
const RUNS = 15;

const shields = {
  L1: new Shield(),
  L2: new Shield({ l1Enabled: false, l2Enabled: true, l2Model }),
  "L1 + L2": new Shield({ l2Enabled: true, l2Model }),
};
const rows = [["p50", ...Object.keys(shields), "L2 adds per kB"]];
for (const [name, length] of Object.entries(SIZES)) {
  const text = english(length);
  const times = measure(
    Object.values(shields).map((shield) => (text) => shield.scanInput(text)),
    text,
  );
  rows.push([name, ...times.map(duration), duration(((times[2] - times[0]) / length) * 1000)]);
}
printTable("Latency of one scan of ordinary English with L2", rows);

const decoded = Array.from({ length: RUNS }, () => {
  const started = performance.now();
  new Shield({ l2Enabled: true, l2Model });
  return performance.now() - started;
});
console.log(
  `\n  decoding the model, once for each Shield: ${duration(quantile(decoded, 0.5))} (${l2Model.byteLength} bytes)`,
);
