// What streaming costs: what is held back, the time of a token, and the throughput beside that of whole texts.
import { Shield } from "@runesec/scanner";
import { english } from "./english.mjs";
import { duration, printTable, quantile } from "./table.mjs";

const LENGTH = 8_000;
const ROUNDS = 60;
/** Rounds until the runtime has compiled all of it well. */
const WARM_UP = 30;
/** About as long as the tokens of language models. */
const TOKEN = /.{1,4}/gsu;

const shield = new Shield({ eventsEnabled: false });
const prose = english(LENGTH);
const answers = {
  "English prose": prose,
  "Markdown with code and links":
    `## Steps\n\n1. Run \`npm install\`, see [the manual](https://docs.example.org/a/b?c=1).\n\n${"```js"}\nconst user = await db.get({ id: 4711 });\n${"```"}\n\n`.repeat(
      LENGTH / 150,
    ),
  "with personal data": prose.replaceAll(". ", ". Mail ann@example-mail.de or call +49 30 901820. "),
};

const held = [["UTF-16 units held back, by tokens of 4", "median", "p99", "most"]];
const speed = [["tokens of 4", "a token", "a token of a bare TransformStream", "throughput", "whole text", "share"]];
for (const [name, text] of Object.entries(answers)) {
  const tokens = text.match(TOKEN);
  const backs = await heldBack(tokens);
  held.push([name, ...[0.5, 0.99, 1].map((share) => quantile(backs, share))]);
  const [streamMs, bareMs, wholeMs] = await times(text, tokens);
  const rate = (ms) => `${(text.length / ms / 1000).toFixed(2)} MB/s`;
  const perToken = [streamMs, bareMs].map((ms) => duration(ms / tokens.length));
  speed.push([name, ...perToken, rate(streamMs), rate(wholeMs), `1/${(streamMs / wholeMs).toFixed(1)}`]);
}
const chunks = [["chunks of 8,000", "throughput", "whole text", "share"]];
for (const [name, text] of Object.entries(answers)) {
  const [streamMs, , wholeMs] = await times(text, [text]);
  const rate = (ms) => `${(text.length / ms / 1000).toFixed(2)} MB/s`;
  chunks.push([name, rate(streamMs), rate(wholeMs), `1/${(streamMs / wholeMs).toFixed(1)}`]);
}
printTable("Streams: what is held back", held);
printTable("Streams: time (whole text: `scanOutput` and `redact`)", speed);
printTable("Streams in large chunks", chunks);

/** How much has come and not gone after each token. */
async function heldBack(tokens) {
  const { writable, readable } = shield.scanStream();
  const [writer, reader] = [writable.getWriter(), readable.getReader()];
  let gone = 0;
  const reading = (async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      // A replacement stands for something of another length.
      gone = read.value.includes("[REDACTED]") ? Number.NaN : gone + read.value.length;
    }
  })();
  const backs = [];
  let come = 0;
  for (const token of tokens) {
    come += token.length;
    await writer.write(token);
    await new Promise((resolve) => setImmediate(resolve));
    if (Number.isNaN(gone)) [come, gone] = [0, 0];
    else backs.push(come - gone);
  }
  await writer.close();
  await reading;
  return backs;
}

/** Milliseconds of the processor that the process has taken so far; those of others on the machine do not count. */
function processorMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Median milliseconds for a text: through a stream, through one that does nothing, and as a whole; they take turns. */
async function times(text, chunks) {
  const contenders = [
    () => through(shield.scanStream(), chunks),
    () => through(new TransformStream(), chunks),
    () => [shield.scanOutput(text), shield.redact(text)],
  ];
  const samples = contenders.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, run] of contenders.entries()) {
      const started = processorMs();
      await run();
      if (round >= WARM_UP) samples[index].push(processorMs() - started);
    }
  }
  return samples.map((each) => quantile(each, 0.5));
}

async function through({ writable, readable }, chunks) {
  const writer = writable.getWriter();
  const writing = (async () => {
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  })();
  for await (const _ of readable);
  await writing;
}
