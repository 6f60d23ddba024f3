import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSpool } from "./spool.js";

const fail = (): never => {
  throw new Error("the spool failed");
};

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "runesec-spool-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function parcel(number: number, padding = ""): { id: string; json: string } {
  const id = `evt_${number.toString(16).padStart(32, "0")}`;
  return { id, json: JSON.stringify({ event_id: id, padding }) };
}

test("what was not removed is there for the next process, oldest first", (t) => {
  const folder = folderFor(t);
  const first = openSpool(folder, 100, fail);
  deepEqual(first.recovered, []);
  for (let number = 0; number < 5; number++) first.spool.add(parcel(number));
  first.spool.remove([parcel(1).id, parcel(3).id]);
  first.spool.close();
  const second = openSpool(folder, 100, fail);
  deepEqual(second.recovered, [parcel(0), parcel(2), parcel(4)]);
  equal(readdirSync(folder).length, 1);
  second.spool.remove(second.recovered.map(({ id }) => id));
  second.spool.close();
  deepEqual(readdirSync(folder), []);
});

test("a file that is open is left alone, in this process and in others", (t) => {
  const folder = folderFor(t);
  const first = openSpool(folder, 100, fail);
  first.spool.add(parcel(1));
  writeFileSync(`${folder}/${process.ppid}-0-x-0.events`, `${parcel(2).json}\n`);
  const second = openSpool(folder, 100, fail);
  deepEqual(second.recovered, []);
  equal(readdirSync(folder).length, 3);
  first.spool.close();
  second.spool.close();
});

test("what a process that died left is taken over, but for what it wrote by half and what is none of ours", (t) => {
  const folder = folderFor(t);
  const file = `${folder}/999999999-0-x-0.events`;
  const half = parcel(3).json.slice(0, -5);
  writeFileSync(file, `${parcel(1).json}\nnonsense\n{"event_id":"evt_1"}\n${parcel(2).json}\n${half}`);
  writeFileSync(`${folder}/notes.txt`, parcel(4).json);
  const { recovered, spool } = openSpool(folder, 100, fail);
  deepEqual(recovered, [parcel(1), parcel(2)]);
  equal(readdirSync(folder).length, 2);
  spool.close();
});

test("as many are recovered as may be queued; the oldest are given up", (t) => {
  const folder = folderFor(t);
  const file = `${folder}/999999999-0-x-0.events`;
  for (let number = 0; number < 10; number++) appendFileSync(file, `${parcel(number).json}\n`);
  const { recovered, surplus, spool } = openSpool(folder, 3, fail);
  deepEqual([recovered.map(({ id }) => id), surplus], [[parcel(7).id, parcel(8).id, parcel(9).id], 7]);
  spool.close();
});

test("the file stays small, however many events go through it, and only its owner can read it", (t) => {
  const folder = folderFor(t);
  const { spool } = openSpool(folder, 100, fail);
  spool.add(parcel(0));
  let largest = 0;
  for (let number = 1; number < 5000; number++) {
    spool.add(parcel(number, "x".repeat(1000)));
    spool.sync();
    spool.remove([parcel(number).id]);
    const [name = ""] = readdirSync(folder);
    largest = Math.max(largest, statSync(`${folder}/${name}`).size);
  }
  ok(largest < 2_000_000, `${largest} bytes`);
  const [name = ""] = readdirSync(folder);
  equal(statSync(`${folder}/${name}`).mode & 0o777, 0o600);
  spool.add(parcel(5000));
  ok(!readFileSync(`${folder}/${name}`, "utf8").includes("\0"));
  spool.close();
  const next = openSpool(folder, 100, fail);
  deepEqual(next.recovered, [parcel(0), parcel(5000)]);
  next.spool.remove([parcel(0).id, parcel(5000).id]);
  next.spool.add(parcel(5001));
  next.spool.close();
  deepEqual(openSpool(folder, 100, fail).recovered, [parcel(5001)]);
});

test("a file that cannot be written any more is told once and stops nothing", () => {
  let failures = 0;
  const files = {
    mkdirSync: () => {},
    readdirSync: () => [],
    openSync: () => 3,
    writeSync: () => {
      throw new Error("ENOSPC");
    },
  };
  const process = { pid: 1, kill: () => true, getBuiltinModule: () => files };
  const { spool } = openSpool("/x", 10, () => failures++, { process });
  spool.add(parcel(1));
  spool.add(parcel(2));
  spool.sync();
  spool.remove([parcel(1).id]);
  spool.close();
  equal(failures, 1);
});

test("says why there can be no spool", (t) => {
  const file = join(folderFor(t), "file");
  writeFileSync(file, "");
  throws(() => openSpool(file, 10, fail), { message: `\`eventSpoolPath\` \`${file}\` cannot be used: EEXIST` });
  const message = "`eventSpoolPath` needs the file system of Node 20.16 or later, Deno or Bun";
  throws(() => openSpool("/tmp", 10, fail, {}), { message });
});
