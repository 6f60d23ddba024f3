/** Vercel's edge runtime: like a Worker, but the bundler wants to be told that the wasm is a module. */

import { initialize } from "../engine.js";
import wasm from "./scanner.wasm?module";

initialize(wasm);

export * from "../index.js";
