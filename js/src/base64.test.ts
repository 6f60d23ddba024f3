import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBase64 } from "./base64.js";

const native = { fromBase64: (text: string) => Uint8Array.from(Buffer.from(text, "base64")) };

for (const [name, runtime] of Object.entries({
  "its own decoder": { Uint8Array: native },
  "Node's Buffer": { Uint8Array: {}, Buffer },
  neither: { Uint8Array: {} },
})) {
  test(`gives back the bytes in a runtime with ${name}`, () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        deepEqual(
          Uint8Array.from(decodeBase64(Buffer.from(bytes).toString("base64"), runtime)),
          Uint8Array.from(bytes),
        );
      }),
    );
  });
}
