import "../test/support/core.js";
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Shield } from "./shield.js";

/** What a scan says about a canary in an output. */
function seen(shield: Shield, text: unknown): [boolean, readonly string[] | undefined, string | undefined] {
  const { blocked, threatsDetected } = shield.scanOutput(text);
  const finding = threatsDetected.find(({ patternId }) => patternId === "canary");
  const shown = typeof text === "string" && finding ? text.slice(finding.start, finding.end) : undefined;
  return [blocked, finding?.via, shown];
}

test("a canary is heard in the open and through what hides it", () => {
  const shield = new Shield();
  const { token, instruction } = shield.canary();
  equal(instruction.includes(token), true);
  const spaced = [...token].join(" ");
  const reversed = [...token].reverse().join("");
  const rot13 = token.replace(/[a-z]/g, (c) => String.fromCharCode(((c.charCodeAt(0) - 97 + 13) % 26) + 97));
  const hex = Buffer.from(token).toString("hex");
  const quoted = (text: string): string => `Well, 😀 "${text}" it is.`;
  deepEqual(seen(shield, quoted(token)), [true, [], token]);
  deepEqual(seen(shield, quoted(token.toUpperCase())), [true, [], token.toUpperCase()]);
  deepEqual(seen(shield, quoted(spaced)), [true, ["spaced_letters"], spaced]);
  deepEqual(seen(shield, quoted(reversed)), [true, ["reversed"], reversed]);
  deepEqual(seen(shield, quoted(rot13)), [true, ["rot13"], rot13]);
  deepEqual(seen(shield, quoted(hex)), [true, ["hex"], hex]);
  for (const before of ["", "a", "ab", "abc"]) {
    const encoded = Buffer.from(`${before}${token}xyz`).toString("base64");
    deepEqual(seen(shield, quoted(encoded)).slice(0, 2), [true, ["base64"]], before);
  }
  deepEqual(seen(shield, { answer: ["ok", token] }).slice(0, 2), [true, []]);
  equal(shield.scanOutput(quoted(token)).sanitizedContent, 'Well, 😀 "[REDACTED]" it is.');
});

test("it is heard in outputs of its own Shield only", () => {
  const shield = new Shield();
  const { token } = shield.canary();
  equal(shield.scanInput(token).blocked, false);
  equal(new Shield().scanOutput(token).blocked, false);
  equal(shield.scanOutput(token.slice(0, 10)).blocked, false);
});

test("a policy decides about it like about any leak", () => {
  const rules = "{ name: leaks, scanner: data_exfiltration, action: alert }";
  const shield = new Shield({ policies: [`version: "1.0"\nrules: [${rules}]`] });
  const { token } = shield.canary();
  equal(shield.scanOutput(token).actionTaken, "alert");
});
