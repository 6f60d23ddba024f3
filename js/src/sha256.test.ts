import { equal } from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { hmacSha256, sha256 } from "./sha256.js";

test("agrees with the platform's own for any message", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      equal(Buffer.from(sha256(message)).toString("hex"), createHash("sha256").update(message).digest("hex"));
    }),
  );
});

test("agrees at the lengths where padding needs another block", () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120]) {
    const message = new Uint8Array(length).fill(length);
    equal(Buffer.from(sha256(message)).toString("hex"), createHash("sha256").update(message).digest("hex"));
  }
});

test("the keyed hash agrees, too, with keys of any length", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 300 }), (key, message) => {
      const expected = createHmac("sha256", key).update(message).digest("hex");
      equal(Buffer.from(hmacSha256(key)(message)).toString("hex"), expected);
    }),
  );
});
