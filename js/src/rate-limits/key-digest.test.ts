import { equal, match, notEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keyDigest } from "./key-digest.js";

test("is the SHA-256 of the key as JSON", () => {
  equal(keyDigest("agent"), "7649b444a37e5ea51af536af65bdde29d549803a064bdd0707db6a00c9285673");
});

test("differs for different keys, also where UTF-8 would not", () => {
  notEqual(keyDigest("\ud800"), keyDigest("\ud801"));
  notEqual(keyDigest("\ud800"), keyDigest("\ufffd"));
  notEqual(keyDigest("\ud800"), keyDigest("\\ud800"));
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      match(keyDigest(a), /^[0-9a-f]{64}$/);
      equal(keyDigest(a) === keyDigest(b), a === b);
    }),
  );
});
