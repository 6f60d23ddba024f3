import * as scanner from "@runesec/scanner";
import { runCases } from "./cases.mjs";

globalThis.results = await runCases(scanner);
