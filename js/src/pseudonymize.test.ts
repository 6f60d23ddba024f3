import "../test/support/core.js";
import { deepEqual, equal, match, notEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { trapNext } from "../test/support/core.js";
import { through } from "../test/support/through.js";
import { Shield } from "./shield.js";

const shield = new Shield({ onWarning: () => {} });
const TEXT = "Write to ann@example-mail.de and bob@example-mail.de, then ann@example-mail.de. SSN 123-45-6789. 😀";

test("each value has a placeholder of its own, and comes back", () => {
  const { text, restore } = shield.pseudonymize(TEXT);
  match(text, /^Write to (\[EMAIL-1-\w{10}\]) and \[EMAIL-2-\w{10}\], then \1\. SSN \[SSN-1-\w{10}\]\. 😀$/);
  equal(restore(text), TEXT);
  const [placeholder = ""] = text.match(/\[EMAIL-2-\w+\]/) ?? [];
  equal(
    restore(`Dear ${placeholder}, hello [EMAIL-2-aaaaaaaaaa]`),
    "Dear bob@example-mail.de, hello [EMAIL-2-aaaaaaaaaa]",
  );
});

test("one call's placeholders mean nothing to another", () => {
  const [first, second] = [shield.pseudonymize(TEXT), shield.pseudonymize(TEXT)];
  notEqual(first.text, second.text);
  equal(second.restore(first.text), first.text);
});

test("nothing of what was taken out shows where objects are printed", () => {
  const made = shield.pseudonymize(TEXT);
  equal(JSON.stringify(made).includes("123-45"), false);
  equal(Object.isFrozen(made), true);
});

test("a stream is restored however it is cut", async () => {
  const { text, restore, restoreStream } = shield.pseudonymize(TEXT);
  const answer = `[see] [EMAIL- ${text} [`;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(answer.length), { maxLength: 12 }), async (cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), answer.length];
      const chunks = ends.map((end, index) => answer.slice(index === 0 ? 0 : ends[index - 1], end));
      equal(await through(restoreStream(), chunks), restore(answer));
    }),
    { numRuns: 60 },
  );
});

test("text that nothing is found in streams at once", async () => {
  const { restoreStream } = shield.pseudonymize("nothing here");
  const stream = restoreStream();
  const writer = stream.writable.getWriter();
  void writer.write("a [b");
  deepEqual(await stream.readable.getReader().read(), { done: false, value: "a [b" });
});

test("what was not searched in full is not handed out", () => {
  trapNext("scan", 1);
  throws(() => shield.pseudonymize(TEXT), {
    name: "RuneError",
    code: "core_failed",
    message: "the text could not be pseudonymized: not all of it was searched (trap)",
  });
  throws(() => shield.pseudonymize(7 as unknown as string), {
    name: "ContentError",
    message: "the text to pseudonymize must be a string, got a number",
  });
});
