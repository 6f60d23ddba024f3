import "../../test/support/core.js";
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import fc from "fast-check";
import { PolicyError } from "../errors.js";
import { lintPolicy } from "./lint.js";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Members = { [key: string]: Json };

const DOCUMENTS = 4_000;
const schema = JSON.parse(readFileSync("pkg-template/policy.schema.json", "utf8")) as object;
const accepts: ValidateFunction = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);

/** Why the parser refuses the document; null when it does not. */
function refusal(yaml: string): string | null {
  try {
    lintPolicy(yaml);
    return null;
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
}

/** A string in double quotes; what YAML would not take as it is becomes an escape. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** On one line, which is JSON. */
function flow(value: Json): string {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${quoted(key)}: ${flow(member)}`)
    .join(", ")}}`;
}

/** Line by line, with words unquoted where they are words. */
function block(value: Json, indent = ""): string {
  const below = `${indent}  `;
  if (Array.isArray(value) && value.length > 0) {
    return value.map((member) => `\n${indent}-${block(member, below)}`).join("");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0) {
    return Object.entries(value)
      .map(([key, member]) => `\n${indent}${plain(key)}:${block(member, below)}`)
      .join("");
  }
  return typeof value === "string" ? ` ${plain(value)}` : ` ${flow(value)}`;
}

function plain(text: string): string {
  return /^[a-z_]{2,}$/.test(text) && !/^(true|false|null)$/.test(text) ? text : quoted(text);
}

/** A member that is there half of the time. */
function optional(members: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Members> {
  return fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<Members>;
}

const word = fc.constantFrom(
  "a",
  "search",
  "github.read_*",
  "*",
  "true",
  "1",
  "1.0",
  "",
  "~",
  "null",
  "é😀",
  "two words",
);
const someText = word.filter((text) => text !== "");
const texts = fc.uniqueArray(someText, { minLength: 1, maxLength: 3 });
const severity = fc.constantFrom("low", "medium", "high", "critical");
/** At most six decimals, and never an exponent. */
const number = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.constantFrom(1, 10, 1000, 1_000_000))
  .map(([units, parts]) => units / parts);
const anyNumber = fc.oneof(number, fc.constantFrom(1e12, -1e12, 0, 1));
const scalar = fc.oneof(word, anyNumber, fc.boolean(), fc.constant(null));

const name = fc.oneof(
  fc.constantFrom("a", "block it", "é😀", "n".repeat(100), "😀".repeat(100), "#: {", "\u2028", "\u00a0"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) => !/[/\p{Cc}]/u.test(text)),
);
const path = fc.constantFrom(
  "amount",
  "$.amount",
  "items[*].price",
  '["first name"].x',
  "$[0]",
  "*",
  "a b",
  "a.$b",
  '[""]',
);
const argument = optional({
  equals: scalar,
  one_of: fc.array(scalar, { minLength: 1, maxLength: 3 }),
  matches: fc.constantFrom("[a-z]+", "", "(a|b)*\\d{2}"),
  max: anyNumber,
  min: anyNumber,
  max_length: fc.constantFrom(0, 1, 4_294_967_295),
  domains: fc.array(fc.constantFrom("example.com", "*.example.com", "[::1]", "*"), { minLength: 1, maxLength: 2 }),
  required: fc.boolean(),
});

const KINDS: Record<string, fc.Arbitrary<Members>> = {
  scanner: fc
    .constantFrom(
      "prompt_injection",
      "jailbreak",
      "data_exfiltration",
      "tool_abuse",
      "pii_detection",
      "secret_detection",
      "anomaly",
    )
    .chain((scanner) =>
      optional({ threshold: fc.constantFrom(0, 0.5, 1, 0.123456), min_severity: severity }).map((rest) => ({
        scanner,
        ...rest,
      })),
    ),
  tool_call: fc.constant({ scanner: "tool_call" }),
  tool_allowlist: fc.record({ type: fc.constant("tool_allowlist"), tools: texts }),
  tool_denylist: fc.record({ type: fc.constant("tool_denylist"), tools: texts }),
  rate_limit: fc
    .tuple(
      optional({ tools: texts, per: fc.constantFrom("agent", "tool", "session", "global") }),
      fc.option(
        fc.record({
          max_calls: fc.constantFrom(1, 100, 4_294_967_295),
          window_seconds: fc.constantFrom(0.000_001, 60, 1e12),
        }),
      ),
    )
    .map(([rest, limit]) => ({ type: "rate_limit", ...rest, ...limit })),
  data_protection: fc.record({
    type: fc.constant("data_protection"),
    patterns: fc.uniqueArray(fc.constantFrom("ssn", "credit_card", "email", "phone_number", "*"), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  tool_arguments: fc
    .tuple(fc.dictionary(path, argument, { minKeys: 1, maxKeys: 3 }), optional({ tools: texts }))
    .map(([members, rest]) => ({ type: "tool_arguments", arguments: { ...members }, ...rest })),
  tool_flow: fc.record({ type: fc.constant("tool_flow"), after: texts, deny: texts }),
};

const rule: fc.Arbitrary<Members> = fc
  .tuple(
    fc.record({ action: fc.constantFrom("block", "alert", "log") }),
    optional({
      severity,
      direction: fc.constantFrom("input", "output", "both"),
      match: optional({ agent_id: fc.oneof(someText, texts), tags: texts, all_tags: texts }),
    }),
    fc.oneof(...Object.values(KINDS)),
  )
  .map((parts) => Object.assign({}, ...parts) as Members);

/** Meant to be valid; names are unique, which a schema cannot ask for. */
const valid: fc.Arbitrary<Members> = fc
  .tuple(fc.uniqueArray(fc.tuple(name, rule), { selector: ([each]) => each, maxLength: 4 }), optional({ name }))
  .map(([rules, rest]) => ({
    version: "1.0",
    ...rest,
    rules: rules.map(([each, members]) => ({ name: each, ...members })),
  }));

/** What stands where something else should. */
const odd: fc.Arbitrary<Json> = fc.oneof(
  scalar,
  fc.constantFrom<Json>([], {}, [""], [[]], [null], ["x", 1], { x: 1 }, "a/b", "tab\t", "\u0085", "n".repeat(101)),
  fc.constantFrom<Json>(-1, 0, 1.5, 2 ** 32, 1e12 + 1, -1e12 - 1, 1.000_001, "block", "low", "tool_call", "rate_limit"),
  fc.constantFrom<Json>("Example.com", "https://a.b", "x*", "agent", "1.0", { required: false }, { x: { max: "1" } }),
);
const someKey = fc.constantFrom(
  ...["version", "name", "rules", "scanner", "type", "action", "severity", "direction", "match", "threshold", "tools"],
  ...[
    "min_severity",
    "max_calls",
    "window_seconds",
    "per",
    "patterns",
    "arguments",
    "after",
    "deny",
    "agent_id",
    "tags",
  ],
  ...["all_tags", "equals", "one_of", "matches", "max", "min", "max_length", "domains", "required", "scaner", "", "x["],
);

/** Every map and list of a document, outermost first. */
function containers(value: Json): (Members | Json[])[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(containers)];
}

/** Of the same type, and often wrong at this place all the same. */
const NEAR = {
  number: [-1, -0.5, 0, 1, 1.5, 1.000_001, 2 ** 32, 1e12, 1e12 + 1, -1e12 - 1],
  string: [
    "",
    "a/b",
    "tab\t",
    "\u0085",
    "n".repeat(101),
    "😀".repeat(101),
    "blok",
    "Example.com",
    "https://a.b",
    "both",
  ],
  boolean: [true, false, "true", 1, null],
  list: [[], [""], [null], ["x", 1], [["x"]], ["A_b"]],
  path: ["x[", "$a", "$", "a..b", ".a", "a[+1]", "a[-1]", '["x]', "$[1]x", "a'b", "$.$", "a.*", "a.b*", "[*].x", "x y"],
} as const satisfies Record<string, readonly Json[]>;

interface Change {
  readonly kind: "drop" | "add" | "replace" | "near" | "borrow" | "rename" | "path";
  readonly at: number;
  readonly member: number;
  readonly key: string;
  readonly value: Json;
}
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(
    "drop",
    "drop",
    "add",
    "replace",
    "near",
    "near",
    "near",
    "near",
    "borrow",
    "rename",
    "path",
    "path",
  ),
  at: fc.nat(1_000),
  member: fc.nat(1_000),
  key: someKey,
  value: odd,
});

function near(value: Json, number: number): Json {
  const type = Array.isArray(value) ? "list" : typeof value;
  const choices = type in NEAR ? NEAR[type as keyof typeof NEAR] : NEAR.boolean;
  return structuredClone(choices[number % choices.length] ?? null) as Json;
}

function changed(document: Members, { kind, at, member, key, value }: Change): Members {
  const copy = structuredClone(document);
  const all = containers(copy);
  if (kind === "path") {
    const lists = all.flatMap((each) => ("arguments" in each ? containers(each["arguments"] ?? null).slice(0, 1) : []));
    const target = lists[at % lists.length];
    if (target !== undefined)
      Object.assign(target, { [NEAR.path[member % NEAR.path.length] ?? ""]: { required: true } });
    return copy;
  }
  const target = all[at % all.length] as Members;
  const keys = Object.keys(target);
  const chosen = keys[member % Math.max(keys.length, 1)];
  if (Array.isArray(target)) {
    if (kind === "drop") target.splice(member % (target.length + 1), 1);
    else target.splice(member % (target.length + 1), kind === "replace" ? 1 : 0, value);
  } else if (kind === "add") target[key] = value;
  else if (chosen === undefined) return copy;
  else if (kind === "drop") delete target[chosen];
  else if (kind === "replace") target[chosen] = value;
  else if (kind === "near") target[chosen] = near(target[chosen] ?? null, at + member);
  else if (kind === "rename") {
    target[key] = target[chosen] ?? null;
    delete target[chosen];
  } else {
    // A key with a value that is right elsewhere, so that only its place is wrong.
    const lenders = all.filter((each) => !Array.isArray(each)) as Members[];
    Object.assign(target, structuredClone(lenders[member % lenders.length]));
  }
  return copy;
}

/** What a schema cannot know and the parser refuses all the same. */
const BEYOND_SCHEMA = / is taken$|no pattern for personal data|of the pattern: |at most six places/;

test("the schema and the parser accept the same documents", () => {
  const counts = { accepted: 0, refused: 0, beyond: 0 };
  const reasons = new Map<string, number>();
  const mutated = fc
    .tuple(valid, fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([document, changes]) => changes.reduce(changed, document));
  fc.assert(
    fc.property(fc.oneof({ weight: 2, arbitrary: valid }, { weight: 5, arbitrary: mutated }), (document) => {
      const refused = refusal(flow(document));
      equal(refusal(`# A comment.${block(document)}\n`) === null, refused === null, "in block style");
      if (refused !== null && BEYOND_SCHEMA.test(refused)) {
        counts.beyond += 1;
        return;
      }
      equal(accepts(document), refused === null, `${refused} / ${JSON.stringify(accepts.errors)}`);
      counts[refused === null ? "accepted" : "refused"] += 1;
      const reason = refused?.replace(/^policy:\d+:\d+: |`[^`]*`|\(.*|;.*/g, "").trim() ?? "";
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }),
    { numRuns: DOCUMENTS },
  );
  ok(counts.accepted > DOCUMENTS / 4 && counts.refused > DOCUMENTS / 4, JSON.stringify(counts));
  ok(counts.beyond < DOCUMENTS / 10, JSON.stringify(counts));
  ok(reasons.size > 25, [...reasons.keys()].join("\n"));
});

test("they draw the same lines", () => {
  const document = (members: Members): Members => ({
    version: "1.0",
    rules: [{ name: "a", action: "block", ...members }],
  });
  const limit = (max_calls: number, window_seconds: number): Members =>
    document({ type: "rate_limit", max_calls, window_seconds });
  const threshold = (value: number): Members => document({ scanner: "jailbreak", threshold: value });
  const check = (members: Members): Members => document({ type: "tool_arguments", arguments: { x: members } });
  const most = 2 ** 32 - 1;
  for (const [within, beyond] of [
    [limit(1, 0.000_001), limit(0, 1)],
    [limit(most, 1e12), limit(most + 1, 1)],
    [limit(1, 1e12), limit(1, 1e12 + 1)],
    [limit(1, 60), limit(1, 0)],
    [limit(1, 60), limit(1.5, 60)],
    [threshold(0), threshold(-0.000_001)],
    [threshold(1), threshold(1.000_001)],
    [check({ max: -1e12 }), check({ max: -1e12 - 1 })],
    [check({ equals: 1e12 }), check({ one_of: [1e12 + 1] })],
    [check({ max_length: 0 }), check({ max_length: -1 })],
    [check({ max_length: most }), check({ max_length: most + 1 })],
    [check({ required: true }), check({ required: false })],
    [document({ scanner: "anomaly", match: {} }), document({ scanner: "anomaly", match: { agent_id: "" } })],
    [document({ scanner: "tool_call" }), document({ scanner: "tool_call", threshold: 1 })],
    [document({ type: "rate_limit" }), document({ type: "rate_limit", max_calls: 1 })],
  ] as const) {
    const verdicts = [within, beyond].map((each) => [accepts(each), refusal(flow(each)) === null]);
    deepEqual(
      verdicts,
      [
        [true, true],
        [false, false],
      ],
      flow(beyond),
    );
  }
});

test("what only the text shows is the parser's to refuse", () => {
  const [head, rule] = ['version: "1.0"\nrules:\n', "scanner: jailbreak, action: block"];
  equal(refusal(`${head}- { name: a, ${rule} }\n`), null);
  for (const [rules, message] of [
    [`- { name: a, name: a, ${rule} }`, "policy:3:14: duplicate key `name`"],
    [`- { name: a, ${rule} }\n- { name: a, ${rule} }`, "policy:4:3: rule name `a` is taken"],
    [`- &x { name: a, ${rule} }`, "policy:3:3: anchors are not allowed"],
    [`- { name: !!str a, ${rule} }`, "policy:3:11: tags are not allowed"],
    [`- { name: 0x1F, ${rule} }`, "policy:3:11: expected text (in quotes), found a number, boolean or null"],
    [
      `- { name: a, ${rule}, threshold: 0.1234567 }`,
      "policy:3:60: `0.1234567` is no decimal number of at most six places",
    ],
  ] as const) {
    equal(refusal(head + rules), message);
  }
});
