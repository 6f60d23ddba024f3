import * as scanner from "@runesec/scanner";
import { runCases } from "./cases.mjs";

postMessage(runCases(scanner));
