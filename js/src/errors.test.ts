import { equal } from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError, ContentError, RuneError } from "./errors.js";

test("errors are told apart by `isInstance`", () => {
  const error = new ConfigurationError("wrong");
  equal(ConfigurationError.isInstance(error), true);
  equal(RuneError.isInstance(error), true);
  equal(ContentError.isInstance(error), false);
  equal(error instanceof RuneError, true);
  equal(`${error}`, "ConfigurationError: wrong");
});

test("`isInstance` is not fooled by look-alikes", () => {
  for (const value of [null, undefined, "text", new Error("other"), { code: "invalid_configuration" }]) {
    equal(ConfigurationError.isInstance(value), false);
  }
});
