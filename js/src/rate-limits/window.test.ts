import { equal } from "node:assert/strict";
import { test } from "node:test";
import { CallWindow } from "./window.js";

test("keeps the newest calls of the window and no others", () => {
  const window = new CallWindow();
  for (let ms = 0; ms < 10_000; ms++) window.count({ maxCalls: 7, windowMs: 1_000 }, ms);
  equal(window.length, 7);
  window.count({ maxCalls: 7, windowMs: 2 }, 10_000);
  equal(window.length, 2);
  equal(window.newestMs, 10_000);
});

test("a call that is taken back makes room, once", () => {
  const size = { maxCalls: 2, windowMs: 10 };
  const window = new CallWindow([1, 1]);
  equal(window.waitMs(size, 2), 9);
  window.takeBack(1);
  window.takeBack(5);
  equal(window.length, 1);
  equal(window.waitMs(size, 2), 0);
});

test("taking back a call that was forgotten takes nothing", () => {
  const window = new CallWindow();
  for (const ms of [0, 1, 2]) window.count({ maxCalls: 2, windowMs: 10 }, ms);
  window.takeBack(0);
  equal(window.length, 2);
  equal(window.waitMs({ maxCalls: 2, windowMs: 10 }, 2), 9);
});

test("one with no calls is over", () => {
  equal(new CallWindow().isOver({ windowMs: 1 }, 0), true);
  equal(new CallWindow([0]).isOver({ windowMs: 1 }, 0.5), false);
  equal(new CallWindow([0]).isOver({ windowMs: 1 }, 1), true);
});
