import * as scanner from "@runesec/scanner";
import * as l2 from "@runesec/scanner/l2";
import { l2Cases } from "./consumer-l2-cases.mjs";

console.log(JSON.stringify(await l2Cases(scanner, l2)));
