import * as scanner from "@runesec/scanner";
import { runCases } from "./cases.mjs";

// Made while the module loads, where a Worker forbids randomness, timers and connections.
const shield = new scanner.Shield();

export default {
  async fetch() {
    shield.scanInput("warm");
    return Response.json(await runCases(scanner));
  },
};
