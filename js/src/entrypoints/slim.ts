/** For those who bring the wasm themselves: `initialize(wasm)` before the first `new Shield()`. */
export { initialize, type WasmSource } from "../engine.js";
export * from "../index.js";
