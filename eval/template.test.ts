import { deepEqual, equal, match, throws } from "node:assert/strict";
import { test } from "node:test";
import { fakeGithubToken } from "../js/test/shared/fake-token.js";
import { fillIn } from "./template.js";

test("placeholders are filled, marks become spans, and the same id gives the same text", () => {
  const template = "🙂 key «sk-{alnum:20}» and id «{hex:8}»";
  const { text, spans } = fillIn(template, ["api_key", "id"], "a");
  match(text, /^🙂 key sk-[A-Za-z0-9]{20} and id [0-9a-f]{8}$/u);
  deepEqual(
    spans.map(({ start, end, type }) => [text.slice(start, end).length, type]),
    [
      [23, "api_key"],
      [8, "id"],
    ],
  );
  deepEqual(fillIn(template, ["api_key", "id"], "a"), { text, spans });
});

test("checksums are those of what was filled in since the mark", () => {
  const { text } = fillIn("{digits:4} «ghp_{alnum:30}{crc32_base62}»", ["github_token"], "b");
  const secret = text.slice("1234 ghp_".length, -6);
  equal(
    text.slice(5),
    fakeGithubToken((index) => DIGITS.indexOf(secret.charAt(index))),
  );
  const card = fillIn("«4{digits:3} {digits:4} {digits:4} {digits:3}{luhn}»", ["credit_card"], "c").text;
  const sum = [...card.replaceAll(" ", "")].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  equal(sum % 10, 0);
});

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

test("other braces stay, and what cannot be right is an error", () => {
  equal(fillIn('{"a": {"b": 1}}', [], "d").text, '{"a": {"b": 1}}');
  throws(() => fillIn("{alnun:3}", [], "e"), { message: "unknown placeholder `alnun`" });
  throws(() => fillIn("«x»", [], "f"), { message: "the marked span 1 has no type" });
  throws(() => fillIn("x", ["email"], "g"), { message: "1 types for 0 marked spans" });
});
