// Runs `edge.js` in Vercel's edge runtime, which compiles neither text nor bytes and gets the wasm as a module, from another realm.
import { readFileSync } from "node:fs";
import { EdgeVM } from "@edge-runtime/vm";

const wasm = readFileSync("node_modules/@runesec/scanner/dist/scanner.wasm");
const vm = new EdgeVM({
  codeGeneration: { strings: false, wasm: false },
  extend: (context) => Object.assign(context, { scannerWasm: new WebAssembly.Module(wasm) }),
});
vm.evaluate(readFileSync("edge.js", "utf8"));
console.log(JSON.stringify(await vm.context.results));
