/** Everywhere a plain `import` or `require` works: the wasm travels inside the JavaScript, as base64. */

import { decodeBase64 } from "../base64.js";
import { initialize } from "../engine.js";
import wasm from "./scanner.wasm?base64";

initialize(() => decodeBase64(wasm));

export * from "../index.js";
