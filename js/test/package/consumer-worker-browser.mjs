import * as scanner from "@runesec/scanner";
import { runCases } from "./cases.mjs";

postMessage(await runCases(scanner));
