import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { writeJson } from "./json-text.js";
import { pathOf } from "./path.js";
import { MAX_VALUES, walk } from "./walk.js";

/** Each text a walk meets, with its path. */
function texts(root: unknown): [string | null, string][] {
  const found: [string | null, string][] = [];
  walk(root, {
    text: (text, step) => found.push([pathOf(step), text]),
    literal: () => {},
    open: () => {},
    close: () => {},
  });
  return found;
}

const same = (text: string): string => text;

test("meets the strings with their paths, in the order of JSON", () => {
  deepEqual(texts({ b: ["x", { "two words": "y" }], a: "z", 1: "w" }), [
    ['$["1"]', "w"],
    ["$.b[0]", "x"],
    ['$.b[1]["two words"]', "y"],
    ["$.a", "z"],
  ]);
  deepEqual(texts("alone"), [[null, "alone"]]);
});

test("sees what JSON sees", () => {
  class Order {
    readonly note = "own";
    get hidden(): string {
      return "inherited";
    }
  }
  deepEqual(texts([new Order(), new Date(0), new URL("https://a.test/x")]), [
    ["$[0].note", "own"],
    ["$[1]", "1970-01-01T00:00:00.000Z"],
    ["$[2]", "https://a.test/x"],
  ]);
  deepEqual(texts(new String("boxed")), [[null, "boxed"]]);
});

test("reads Maps and Sets, and no bytes", () => {
  deepEqual(texts([new Map([["key", "value"]]), new Set(["member"]), new Uint8Array([65, 66]), new ArrayBuffer(8)]), [
    ["$[0][0]", "value"],
    ["$[1][0]", "member"],
  ]);
});

test("cuts a cycle where it closes and reads a shared object each time", () => {
  const shared = { text: "t" };
  const knot: unknown[] = [shared, shared];
  knot.push(knot, new Map([["self", knot]]));
  deepEqual(texts(knot), [
    ["$[0].text", "t"],
    ["$[1].text", "t"],
  ]);
  equal(writeJson(knot, same), '[{"text":"t"},{"text":"t"},null,[null]]');
});

test("says that something threw, and goes on", () => {
  const hostile = {
    get first(): string {
      throw new Error("no");
    },
    second: {
      toJSON: () => {
        throw new Error("no");
      },
    },
    third: new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    ),
    last: "reached",
  };
  equal(walk(hostile, { text: () => {}, literal: () => {}, open: () => {}, close: () => {} }).threw, true);
  equal(writeJson(hostile, same), '{"first":null,"second":null,"third":null,"last":"reached"}');
});

test("stops at the limit of values, however they come to be many", () => {
  let doubling: unknown = ["x"];
  for (let level = 0; level < 40; level++) doubling = [doubling, doubling];
  const endless = { toJSON: (): unknown => ({ again: endless, and: { toJSON: endless.toJSON } }) };
  for (const root of [doubling, new Array(4_000_000_000), endless, Array.from({ length: MAX_VALUES }, () => 0)]) {
    let met = 0;
    const count = (): void => {
      met += 1;
    };
    equal(walk(root, { text: count, literal: count, open: count, close: () => {} }).tooMany, true);
    equal(met, MAX_VALUES);
  }
});

test("as many values as the limit are all read, and none is said to be left out", () => {
  const none = (): void => {};
  const visitor = { text: none, literal: none, open: none, close: none };
  // The container is a value too.
  const full = Array.from({ length: MAX_VALUES - 1 }, () => 0);
  equal(walk(full, visitor).tooMany, false);
  equal(walk([...full, 0], visitor).tooMany, true);
  equal(walk([full.slice(1), 0], visitor).tooMany, true);
});

test("depth costs no stack, and paths stay short", () => {
  let deep: unknown = "bottom";
  for (let depth = 0; depth < 200_000; depth++) deep = { a: deep };
  const [[path, text] = [null, ""]] = texts(deep);
  deepEqual([path, text], [`$${".a".repeat(100)}…`, "bottom"]);
  equal(writeJson(deep, same).length, 200_000 * '{"a":}'.length + '"bottom"'.length);
});

test("writes what JSON.stringify writes", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      equal(writeJson(value, same), JSON.stringify(value));
    }),
  );
  const odd = [undefined, () => {}, Symbol("s"), Number.NaN, -0, { a: undefined, b: () => {}, c: 1 }, [], {}, "\ud800"];
  equal(writeJson(odd, same), JSON.stringify(odd));
  equal(writeJson([10n], same), "[10]");
});
