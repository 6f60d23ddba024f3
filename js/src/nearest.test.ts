import { equal } from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./nearest.js";

test("finds the name that a slip was meant to be", () => {
  const known = ["ssn", "email", "iban", "maxInputChars", "phone_number.de"];
  for (const [slip, meant] of [
    ["sns", "ssn"],
    ["e-mail", "email"],
    ["MaxInputChar", "maxInputChars"],
    ["phone_number_de", "phone_number.de"],
    ["", null],
    ["xyz", null],
    ["password", null],
  ] as const) {
    equal(nearest(slip, known), meant, slip);
  }
});

test("prefers the closest of several", () => {
  equal(nearest("redacte", ["redact", "redacted", "react"]), "redact");
  equal(nearest("typedd", ["type", "typed"]), "typed");
});
