/** Cloudflare Workers: the wasm must be a module of its own, which the platform compiles when it deploys. */

import { initialize } from "../engine.js";
import wasm from "./scanner.wasm";

initialize(wasm);

export * from "../index.js";
