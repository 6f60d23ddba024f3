import * as scanner from "@runesec/scanner";
import { runCases } from "./cases.mjs";

console.log(JSON.stringify(await runCases(scanner)));
