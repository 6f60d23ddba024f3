import * as scanner from "@runesec/scanner";
import * as l2 from "@runesec/scanner/l2";
import { l2Cases } from "./consumer-l2-cases.mjs";

const model = () => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".bin"));
const fetchedAtImport = model().length;
const cases = await l2Cases(scanner, l2);
let progress = [];
await l2.fetchL2Model(model()[0].name, { onProgress: (...bytes) => (progress = bytes) });
globalThis.results = { ...cases, fetchedAtImport, isProgressTold: progress[0] > 1e6 && progress[0] === progress[1] };
