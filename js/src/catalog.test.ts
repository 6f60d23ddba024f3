import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { type Pattern, selectPatterns } from "./catalog.js";

const CATALOG = ["ssn", "phone_number", "phone_number.de", "phone_numbers", "aws_access_key_id", "aws_secret_key"].map(
  (id): Pattern => ({ id, category: "pii_detection", severity: "low", explanation: "" }),
);

const select = (...names: string[]): string[] =>
  [...selectPatterns(names, CATALOG)].map((index) => CATALOG[index]?.id ?? "");

test("an id stands for itself and its variants", () => {
  deepEqual(select("phone_number"), ["phone_number", "phone_number.de"]);
  deepEqual(select("phone_number.de"), ["phone_number.de"]);
});

test("a star stands for anything, also for nothing", () => {
  deepEqual(select("aws_*"), ["aws_access_key_id", "aws_secret_key"]);
  deepEqual(select("*_key*"), ["aws_access_key_id", "aws_secret_key"]);
  deepEqual(select("*_key"), ["aws_secret_key"]);
  deepEqual(select("s*sn"), ["ssn"]);
  deepEqual(select("*").length, CATALOG.length);
});

test("a star's neighbours may not share a letter", () => {
  throws(() => select("ss*sn"), { message: "no pattern matches `ss*sn`" });
});

test("names may overlap and come in any order", () => {
  deepEqual(select("phone*", "ssn", "phone_number"), ["ssn", "phone_number", "phone_number.de", "phone_numbers"]);
});

test("refuses a name that stands for nothing", () => {
  throws(() => select("ssn", "phone_numbr"), {
    name: "ConfigurationError",
    message: "unknown pattern `phone_numbr`, did you mean `phone_number`?",
  });
  throws(() => select("passport"), { message: "unknown pattern `passport`" });
  throws(() => select("gcp_*"), { message: "no pattern matches `gcp_*`" });
});
