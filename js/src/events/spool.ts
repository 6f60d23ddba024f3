import { ConfigurationError } from "../errors.js";
import type { Parcel, Spool } from "./batcher.js";

/** What is used of Node's file system. */
interface FileSystem {
  openSync(path: string, flags: string, mode?: number): number;
  writeSync(file: number, text: string): number;
  fsync(file: number, callback: (error: unknown) => void): void;
  ftruncateSync(file: number): void;
  closeSync(file: number): void;
  readFileSync(path: string, encoding: "utf8"): string;
  readdirSync(path: string): string[];
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
  mkdirSync(path: string, options: { recursive: true }): unknown;
}

interface Process {
  readonly pid: number;
  kill(pid: number, signal: 0): unknown;
  getBuiltinModule?(name: string): unknown;
}

interface Scope {
  readonly process?: Process;
}

/** A spool, and what earlier processes left in its folder. */
export interface OpenSpool {
  readonly spool: Spool;
  /** Oldest first, at most as many as may be queued. */
  readonly recovered: readonly Parcel[];
  /** How many there were beyond that; they are given up. */
  readonly surplus: number;
}

/** Where all copies of this package in a thread find the names of the files that it has open. */
const OPEN: symbol = Symbol.for("@runesec/scanner/open-spools");
let made = 0;

/** Bytes of a file that holds nothing anyone needs; beyond that it is written anew. */
const MAX_WASTE = 1024 * 1024;

/**
 * Keeps events in a folder: one file for each process and Shield, to which events are appended before anything is sent.
 *
 * What was written survives the death of the process at any moment, and is sent by the next one that opens the folder. It is
 * carried to the disk itself before each request, so a failure of the machine costs the events since the last one. Files of
 * processes that still run are left alone.
 *
 * @param folder is made if it does not exist
 * @param limit how many events are recovered at most
 * @param onFailure called when a file cannot be written any more; events are then kept in memory only
 * @throws {ConfigurationError} when there is no file system or the folder cannot be used
 */
export function openSpool(
  folder: string,
  limit: number,
  onFailure: () => void,
  scope: Scope = globalThis as Scope,
): OpenSpool {
  // Not imported, since bundlers for browsers and Workers would fail on it.
  const { process } = scope;
  const files = process?.getBuiltinModule?.("node:fs") as FileSystem | undefined;
  if (process === undefined || files === undefined) {
    throw new ConfigurationError("`eventSpoolPath` needs the file system of Node 20.16 or later, Deno or Bun");
  }
  try {
    files.mkdirSync(folder, { recursive: true });
    const writer = writerOf(process);
    const open = openFiles();
    const left = takeOver(files, folder, process, writer, open);
    const recovered = left.parcels.slice(Math.max(0, left.parcels.length - limit));
    const name = freshName(writer);
    const spool = new FileSpool(files, `${folder}/${name}`, recovered, onFailure, () => open.delete(name));
    open.add(name);
    // Only now, when they stand in our own file, may the others go.
    for (const file of left.claimed) files.unlinkSync(`${folder}/${file}`);
    return { spool, recovered, surplus: left.parcels.length - recovered.length };
  } catch (error) {
    const { code = "unknown error" } = error as { code?: string };
    throw new ConfigurationError(`\`eventSpoolPath\` \`${folder}\` cannot be used: ${code}`);
  }
}

/** Who writes a file, as its name says: the process and the thread. */
function writerOf(process: Process): string {
  const { threadId = 0 } = (process.getBuiltinModule?.("node:worker_threads") ?? {}) as { threadId?: number };
  return `${process.pid}-${threadId}`;
}

function freshName(writer: string): string {
  return `${writer}-${Date.now().toString(36)}-${made++}.events`;
}

/** When a file was made, as its name says. */
function timeOf(name: string): number {
  return Number.parseInt(name.split("-")[2] ?? "", 36) || 0;
}

function openFiles(): Set<string> {
  const registry = globalThis as { [OPEN]?: Set<string> };
  registry[OPEN] ??= new Set();
  return registry[OPEN];
}

/**
 * The events in files that nobody writes any more. They are claimed by renaming them, in which only one process succeeds.
 *
 * A file of our own name that we do not have open is that of a process before us: in a container all have the same number.
 */
function takeOver(
  files: FileSystem,
  folder: string,
  process: Process,
  writer: string,
  open: ReadonlySet<string>,
): { parcels: Parcel[]; claimed: string[] } {
  const claimed: string[] = [];
  const parcels: Parcel[] = [];
  for (const name of files.readdirSync(folder).sort((a, b) => timeOf(a) - timeOf(b))) {
    const [, whose, pid] = /^((\d+)-\d+)-[\w-]+\.events$/.exec(name) ?? [];
    if (pid === undefined || open.has(name) || (whose !== writer && isAlive(Number(pid), process))) continue;
    const ours = freshName(writer);
    try {
      files.renameSync(`${folder}/${name}`, `${folder}/${ours}`);
    } catch {
      continue;
    }
    claimed.push(ours);
    for (const parcel of read(files.readFileSync(`${folder}/${ours}`, "utf8"))) parcels.push(parcel);
  }
  return { parcels, claimed };
}

function isAlive(pid: number, process: Process): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be sent signals, but it is there.
    return (error as { code?: string }).code !== "ESRCH";
  }
}

/** The events of a file that were not removed. What a dying process wrote by half, or what is none of ours, is passed over. */
function read(text: string): Parcel[] {
  const parcels = new Map<string, Parcel>();
  for (const line of text.split("\n")) {
    if (line.startsWith("-")) for (const id of line.slice(1).split(" ")) parcels.delete(id);
    const id = /^\{"event_id":"(evt_[0-9a-f]{32})",.*\}$/.exec(line)?.[1];
    if (id !== undefined && isJson(line)) parcels.set(id, { id, json: line });
  }
  return [...parcels.values()];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A line for each event, and a line that begins with `-` for those that were removed. */
class FileSpool implements Spool {
  readonly #files: FileSystem;
  readonly #path: string;
  readonly #onFailure: () => void;
  readonly #onClose: () => void;
  /** Null when it was closed or has failed. */
  #file: number | null;
  /** What the file holds that is still needed. */
  readonly #lines = new Map<string, string>();
  #waste = 0;
  #isUnsynced = false;

  constructor(
    files: FileSystem,
    path: string,
    recovered: readonly Parcel[],
    onFailure: () => void,
    onClose: () => void,
  ) {
    this.#files = files;
    this.#path = path;
    this.#onFailure = onFailure;
    this.#onClose = onClose;
    this.#file = files.openSync(path, "a", 0o600);
    for (const { id, json } of recovered) this.#lines.set(id, json);
    if (recovered.length > 0) files.writeSync(this.#file, recovered.map(({ json }) => `${json}\n`).join(""));
  }

  add({ id, json }: Parcel): void {
    this.#lines.set(id, json);
    this.#write(`${json}\n`);
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.#waste += this.#lines.get(id)?.length ?? 0;
      this.#lines.delete(id);
    }
    this.#isUnsynced = true;
    this.#try((file) => {
      if (this.#lines.size === 0) {
        this.#files.ftruncateSync(file);
        this.#waste = 0;
      } else {
        this.#files.writeSync(file, `-${ids.join(" ")}\n`);
        if (this.#waste > MAX_WASTE) this.#rewrite(file);
      }
    });
  }

  sync(): void {
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    this.#try((file) => this.#files.fsync(file, () => {}));
  }

  close(): void {
    this.#try((file) => {
      this.#file = null;
      this.#files.closeSync(file);
      if (this.#lines.size === 0) this.#files.unlinkSync(this.#path);
    });
    this.#onClose();
  }

  #write(text: string): void {
    this.#isUnsynced = true;
    this.#try((file) => this.#files.writeSync(file, text));
  }

  /** Writes what is needed to a new file, which then takes the place of the old one. */
  #rewrite(file: number): void {
    const unfinished = `${this.#path}.new`;
    const next = this.#files.openSync(unfinished, "w", 0o600);
    this.#files.writeSync(next, [...this.#lines.values()].map((line) => `${line}\n`).join(""));
    this.#files.closeSync(next);
    this.#files.renameSync(unfinished, this.#path);
    this.#files.closeSync(file);
    this.#file = null;
    this.#file = this.#files.openSync(this.#path, "a", 0o600);
    this.#waste = 0;
  }

  /** A full disk must not stop an agent. */
  #try(work: (file: number) => unknown): void {
    if (this.#file === null) return;
    try {
      work(this.#file);
    } catch {
      this.#file = null;
      this.#onFailure();
    }
  }
}
