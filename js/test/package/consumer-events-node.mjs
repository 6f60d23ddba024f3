// Scans as it is told and prints the ids of its events; then ends by itself, or waits to be killed.
import { Shield } from "@runesec/scanner";

const { scans, waits, ...config } = JSON.parse(process.argv[2]);
const ids = [];
const shield = new Shield({
  apiKey: "key",
  apiEndpoint: config.eventsEndpoint,
  ...config,
  onEvent: ({ event_id }) => ids.push(event_id),
});
await shield.ready();
for (let scan = 0; scan < scans; scan++) shield.scanInput(`parcel ${scan}`);
console.log(JSON.stringify(ids));
if (waits) setInterval(() => {}, 1000);
