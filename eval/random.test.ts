import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { sample, seeded, seedOf } from "./random.js";

const NUMBERS = Array.from({ length: 1000 }, (_, index) => index);

test("a seed always gives the same numbers, and they fill the range evenly", () => {
  const [first, second] = [seeded(1), seeded(1)];
  const drawn = NUMBERS.map(() => first());
  deepEqual(
    drawn,
    NUMBERS.map(() => second()),
  );
  ok(drawn.every((number) => number >= 0 && number < 1));
  for (let tenth = 0; tenth < 10; tenth++) {
    const count = drawn.filter((number) => Math.floor(number * 10) === tenth).length;
    ok(count > 70 && count < 130, `${count} of 1000 in tenth ${tenth}`);
  }
});

test("texts have seeds of their own", () => {
  equal(seedOf("ab"), seedOf("ab"));
  notEqual(seedOf("ab"), seedOf("ba"));
});

test("a sample has the size that was asked for, no item twice, and the order of the items", () => {
  const drawn = sample(seeded(3), NUMBERS, 50);
  equal(new Set(drawn).size, 50);
  deepEqual(
    drawn,
    [...drawn].sort((a, b) => a - b),
  );
  ok(drawn.some((number) => number < 200) && drawn.some((number) => number > 800));
  deepEqual(sample(seeded(3), NUMBERS, 5000), NUMBERS);
});
