#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { run } from "./run.js";
import type { World } from "./world.js";

// A byte order mark is kept, so that offsets are those of the file and `redact` gives back what it did not touch. Only
// bytes that are no UTF-8 are not given back: they become U+FFFD.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const world: World = {
  readFile: async (path) => decoder.decode(await readFile(path)),
  readDirectory: (path) => readdir(path),
  readTree,
  readStdin: async () => decoder.decode(await buffer(process.stdin)),
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  hasColour: process.stdout.isTTY === true && !process.env["NO_COLOR"],
  isWatched: process.stderr.isTTY === true,
};

// Whom a policy is tested for is said by the cases and the command line, so that all machines agree.
for (const name of ["RUNE_AGENT_ID", "RUNE_AGENT_TAGS"]) delete process.env[name];

// `… | head` closes the pipe early, which is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
// Setting the code instead of exiting lets a full pipe drain.
process.exitCode = await run(process.argv.slice(2), world, version);

async function readTree(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  const seen = entries.filter(({ name }) => !name.startsWith(".") && name !== "node_modules");
  const files: string[] = [];
  for (const entry of seen.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) files.push(...(await readTree(inside)));
    else if (entry.isFile()) files.push(inside);
  }
  return files;
}
