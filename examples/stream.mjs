// Writes on what a model says, as it says it, without what must not get out: `my-model | node stream.mjs`
import { Readable } from "node:stream";
import { Shield } from "@runesec/scanner";

const tokens = Readable.toWeb(process.stdin.setEncoding("utf8"));
const guarded = new Shield().scanStream({ agentId: "support" });
for await (const text of tokens.pipeThrough(guarded)) process.stdout.write(text);
const { blocked, explanation } = await guarded.result;
if (blocked) console.log(`\n[ended: ${explanation}]`);
