import * as scanner from "@runesec/scanner";
import { runCases } from "./cases.mjs";

// A promise, since what is bundled as a script cannot await it.
globalThis.results = runCases(scanner);
