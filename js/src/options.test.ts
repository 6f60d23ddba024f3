import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { checkRedactOptions, resolveContext, resolveOptions } from "./options.js";
import type { ShieldConfig } from "./types.js";

const refusal = (config: unknown): string => {
  try {
    resolveOptions(config as ShieldConfig, {});
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

test("nothing need be given", () => {
  deepEqual(resolveOptions(undefined, {}), {
    apiKey: null,
    l1Enabled: true,
    l2: null,
    l3Blocking: false,
    judge: null,
    scanTimeoutMs: 5000,
    customPatterns: [],
    policies: [],
    localPoliciesPath: null,
    apiEndpoint: "https://api.runesec.dev",
    policySyncIntervalSeconds: 60,
    rateLimitStore: null,
    defaultRateLimitPerMinute: 100,
    connectionTimeoutSeconds: 10,
    eventsEnabled: false,
    eventsEndpoint: "https://events.runesec.dev",
    eventBatchSize: 50,
    eventFlushIntervalSeconds: 5,
    eventQueueLimit: 10_000,
    eventSpoolPath: null,
    fetch: undefined,
    maxInputChars: 1_000_000,
    onError: "open",
    onBlock: "raise",
    dryRun: false,
    defaultAgentId: null,
    defaultAgentTags: [],
    debug: false,
    onFinding: undefined,
    onEvent: undefined,
    onWarning: undefined,
  });
});

test("`undefined` counts as not given", () => {
  const config = { apiKey: undefined, dryRun: undefined };
  deepEqual(resolveOptions(config, {}), resolveOptions({}, {}));
});

test("the environment fills in what the caller left out", () => {
  const environment = { RUNE_API_KEY: "key", RUNE_AGENT_ID: "agent", RUNE_AGENT_TAGS: "a, b,,c ", RUNE_DEBUG: "1" };
  const { apiKey, defaultAgentId, defaultAgentTags, debug } = resolveOptions({}, environment);
  deepEqual(
    { apiKey, defaultAgentId, defaultAgentTags, debug },
    { apiKey: "key", defaultAgentId: "agent", defaultAgentTags: ["a", "b", "c"], debug: true },
  );
  const given = resolveOptions({ apiKey: "mine", defaultAgentTags: [], debug: false }, environment);
  deepEqual([given.apiKey, given.defaultAgentTags, given.debug], ["mine", [], false]);
  for (const off of ["0", "false", "FALSE"]) equal(resolveOptions({}, { RUNE_DEBUG: off }).debug, false);
});

test("refuses what it does not know, word for word", () => {
  for (const [config, message] of [
    [{ maxInputChar: 5 }, "unknown option `maxInputChar`, did you mean `maxInputChars`?"],
    [
      { colour: "red" },
      "unknown option `colour`, expected one of `apiKey`, `l1Enabled`, `l2Enabled`, `l2Model`, `l2BlockThreshold`, `l2FlagThreshold`, `l3Enabled`, `l3Blocking`, `judge`, `scanTimeoutMs`, `customPatterns`, `policies`, `localPoliciesPath`, `apiEndpoint`, `policySyncIntervalSeconds`, `rateLimitStore`, `defaultRateLimitPerMinute`, `connectionTimeoutSeconds`, `eventsEnabled`, `eventsEndpoint`, `eventBatchSize`, `eventFlushIntervalSeconds`, `eventQueueLimit`, `eventSpoolPath`, `fetch`, `maxInputChars`, `onError`, `onBlock`, `dryRun`, `env`, `defaultAgentId`, `defaultAgentTags`, `debug`, `onFinding`, `onEvent`, `onWarning`",
    ],
    [{ onError: "shut" }, 'option `onError` must be "open" or "closed", got `"shut"`'],
    [{ maxInputChars: 1.5 }, "option `maxInputChars` must be an integer of at least 2, got `1.5`"],
    [{ maxInputChars: 1 }, "option `maxInputChars` must be an integer of at least 2, got `1`"],
    [{ maxInputChars: "9" }, 'option `maxInputChars` must be an integer of at least 2, got `"9"`'],
    [{ dryRun: "yes" }, 'option `dryRun` must be a boolean, got `"yes"`'],
    [{ l1Enabled: null }, "option `l1Enabled` must be a boolean, got `null`"],
    [{ defaultAgentId: "" }, "option `defaultAgentId` must be a non-empty string, got an empty string"],
    [{ defaultAgentTags: "prod" }, 'option `defaultAgentTags` must be an array of non-empty strings, got `"prod"`'],
    [{ defaultAgentTags: [1] }, "option `defaultAgentTags` must be an array of non-empty strings, got an array"],
    [{ onFinding: {} }, "option `onFinding` must be a function, got an object"],
    [
      { toString: 1 },
      "unknown option `toString`, expected one of `apiKey`, `l1Enabled`, `l2Enabled`, `l2Model`, `l2BlockThreshold`, `l2FlagThreshold`, `l3Enabled`, `l3Blocking`, `judge`, `scanTimeoutMs`, `customPatterns`, `policies`, `localPoliciesPath`, `apiEndpoint`, `policySyncIntervalSeconds`, `rateLimitStore`, `defaultRateLimitPerMinute`, `connectionTimeoutSeconds`, `eventsEnabled`, `eventsEndpoint`, `eventBatchSize`, `eventFlushIntervalSeconds`, `eventQueueLimit`, `eventSpoolPath`, `fetch`, `maxInputChars`, `onError`, `onBlock`, `dryRun`, `env`, `defaultAgentId`, `defaultAgentTags`, `debug`, `onFinding`, `onEvent`, `onWarning`",
    ],
    ["key", "expected an object of options, got a string"],
    [null, "expected an object of options, got `null`"],
    [[], "expected an object of options, got an array"],
    [{}, "accepted"],
  ] as const) {
    equal(refusal(config), message);
  }
});

test("events are sent when there is an API key, and never asked for without", () => {
  equal(resolveOptions({ apiKey: "key" }, {}).eventsEnabled, true);
  equal(resolveOptions({}, { RUNE_API_KEY: "key" }).eventsEnabled, true);
  equal(resolveOptions({ apiKey: "key", eventsEnabled: false }, {}).eventsEnabled, false);
  equal(refusal({ eventsEnabled: true }), "RUNE_API_KEY not set");
  const environment = { RUNE_EVENTS_ENDPOINT: "https://events.example" };
  equal(resolveOptions({}, environment).eventsEndpoint, "https://events.example");
  equal(resolveOptions({ eventsEndpoint: "https://mine.example" }, environment).eventsEndpoint, "https://mine.example");
});

test("the bindings of a Worker stand in for the environment", () => {
  const environment = { RUNE_API_KEY: "process", RUNE_AGENT_ID: "process" };
  const env = { RUNE_API_KEY: "binding", RUNE_API_ENDPOINT: "https://api.example", RUNE_AGENT_TAGS: "", KV: {} };
  const { apiKey, apiEndpoint, defaultAgentId } = resolveOptions({ env }, environment);
  deepEqual([apiKey, apiEndpoint, defaultAgentId], ["binding", "https://api.example", null]);
  equal(resolveOptions({ env, apiKey: "mine" }, environment).apiKey, "mine");
  const stored = { RUNE_API_KEY: { get: async () => "secret" } };
  equal(refusal({ env: stored }), "`env.RUNE_API_KEY` must be a string, got an object");
  equal(refusal({ env: "secret" }), "option `env` must be an object of bindings, got a string");
});

test("a refusal never shows an API key", () => {
  equal(refusal({ apiKey: 123456 }), "option `apiKey` must be a non-empty string, got a number");
  equal(refusal({ apiKey: ["rune_live_x"] }), "option `apiKey` must be a non-empty string, got an array");
  equal(refusal({ apiKey: "" }), "option `apiKey` must be a non-empty string, got an empty string");
});

test("later changes to the caller's objects change nothing", () => {
  const tags = ["a"];
  const options = resolveOptions(Object.freeze({ defaultAgentTags: tags }), {});
  const context = resolveContext({ agentTags: tags }, "input", options);
  tags.push("b");
  deepEqual([options.defaultAgentTags, context.agentTags], [["a"], ["a"]]);
});

test("contexts and redact options are checked in the same words", () => {
  const options = resolveOptions({}, {});
  throws(() => resolveContext({ agentID: "x" } as object, "input", options), {
    message: "unknown context field `agentID`, did you mean `agentId`?",
  });
  throws(() => resolveContext({ direction: "up" as "input" }, "input", options), {
    message: 'context field `direction` must be "input" or "output", got `"up"`',
  });
  throws(() => checkRedactOptions({ patterns: [] }), {
    message: "redact option `patterns` must be a non-empty array of pattern ids, got an array",
  });
  throws(() => checkRedactOptions({ style: "masked" as "mask" }), {
    message: 'redact option `style` must be "redacted", "typed", "mask", "hash" or "remove", got `"masked"`',
  });
});
