import { deepEqual, equal, throws } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { readFolder } from "./rows.js";

/** Reads a folder with these files in it. */
function read(files: Record<string, string | Buffer>): ReturnType<typeof readFolder> {
  const folder = mkdtempSync(join(tmpdir(), "runesec-rows-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(`${folder}/${name}`, content);
    return readFolder(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("reads plain and compressed files, and leaves out other labels and other files", () => {
  const { rows, leftOut } = read({
    "b.jsonl":
      '{"text":"one","label":"attack","direct":false,"quality":"contextual: task"}\n\n{"text":"?","label":"unclear"}\n',
    "a.jsonl.gz": gzipSync('{"id":"x","text":"two","label":"benign","source":"somewhere","lang":"fr"}'),
    "notes.txt": "nothing",
  });
  equal(leftOut, 1);
  deepEqual(
    rows.map(({ id, text, isPositive, isDirect, isContextual, source, lang }) => [
      id,
      text,
      isPositive,
      isDirect,
      isContextual,
      source,
      lang,
    ]),
    [
      ["x", "two", false, true, false, "somewhere", "fr"],
      ["b:1", "one", true, false, true, "b", "?"],
    ],
  );
});

test("the name of a file says what it measures, and spans are turned into UTF-16", () => {
  const { rows } = read({
    "pii.jsonl": '{"text":"🙂🙂 a@b.de","label":"pii","spans":[{"start":3,"end":9,"type":"EMAIL"}]}',
    "secrets.extra.jsonl": '{"template":"key «{hex:4}»","types":["key"],"label":"attack"}',
  });
  deepEqual(
    rows.map(({ detector, text, spans }) => [detector, spans.map(({ start, end }) => text.slice(start, end).length)]),
    [
      ["pii", [6]],
      ["secrets", [4]],
    ],
  );
  equal(rows[0]?.text.slice(rows[0].spans[0]?.start), "a@b.de");
});

test("says where a mistake is", () => {
  throws(() => read({ "a.jsonl": '{"text":"x","label":"attack"}\n{"label":"attack"}' }), {
    message: /\/a\.jsonl:2: `text` must be a string$/,
  });
  throws(() => read({ "a.txt": "" }), { message: /^no \*\.jsonl or \*\.jsonl\.gz in `/ });
});
