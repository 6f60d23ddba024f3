// Reads labelled texts: folders of `*.jsonl` and `*.jsonl.gz` files, one JSON object a line.
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { fillIn } from "./template.js";

/** What a file measures, told by the beginning of its name. */
export type Detector = "threats" | "secrets" | "pii";

/** A labelled stretch of a text. */
export interface LabelledSpan {
  /** In UTF-16 units, as findings have it; files count Unicode code points. */
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/** One labelled text. */
export interface Row {
  readonly id: string;
  readonly text: string;
  readonly detector: Detector;
  /** Whether the detector of the file should find something. */
  readonly isPositive: boolean;
  readonly category: string;
  readonly subtype: string;
  /** Whether it is what a user writes; else a document, a tool result, code. */
  readonly isDirect: boolean;
  readonly lang: string;
  readonly source: string;
  /** An attack only because of a task or a secret that is not in the text: nothing in its wording shows it. */
  readonly isContextual: boolean;
  readonly spans: readonly LabelledSpan[];
  /** What the text resembles without being it; other things may well be in it. */
  readonly nearMissOf: string | null;
}

/** What a folder holds. */
export interface Data {
  readonly rows: readonly Row[];
  /** Rows whose label is neither of the two that count. */
  readonly leftOut: number;
}

const FILE = /\.jsonl(?:\.gz)?$/;
const LABELS: Readonly<Record<string, boolean>> = { attack: true, benign: false, pii: true, no_pii: false };

/** Reads all files of a folder, in the order of their names. */
export function readFolder(folder: string): Data {
  const files = readdirSync(folder)
    .filter((file) => FILE.test(file))
    .sort();
  if (files.length === 0) throw new Error(`no *.jsonl or *.jsonl.gz in \`${folder}\``);
  const rows = files.flatMap((file) => readFile(`${folder}/${file}`, file.replace(FILE, "")));
  const labelled = rows.filter((row) => row !== null);
  return { rows: labelled, leftOut: rows.length - labelled.length };
}

function readFile(path: string, source: string): (Row | null)[] {
  const raw = readFileSync(path);
  const lines = (path.endsWith(".gz") ? gunzipSync(raw) : raw).toString("utf8").split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [rowOf(JSON.parse(line) as Record<string, unknown>, source, index + 1)];
    } catch (error) {
      throw new Error(`${path}:${index + 1}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

/** A row from what its line says; null if it has no label that counts. */
function rowOf(line: Record<string, unknown>, file: string, number: number): Row | null {
  const label = string(line, "label");
  const isPositive = LABELS[label];
  if (isPositive === undefined) return null;
  const id = string(line, "id", `${file}:${number}`);
  const { text, spans } =
    "template" in line ? fillIn(string(line, "template"), strings(line, "types"), id) : plain(line);
  return {
    id,
    text,
    detector: detectorOf(file),
    isPositive,
    category: string(line, "category", label),
    subtype: string(line, "subtype", ""),
    isDirect: line["direct"] !== false,
    lang: string(line, "lang", "?"),
    source: string(line, "source", file),
    isContextual: string(line, "quality", "").startsWith("contextual"),
    spans,
    nearMissOf: typeof line["near_miss_of"] === "string" ? line["near_miss_of"] : null,
  };
}

function detectorOf(file: string): Detector {
  if (file.startsWith("secrets")) return "secrets";
  return file.startsWith("pii") ? "pii" : "threats";
}

function plain(line: Record<string, unknown>): { text: string; spans: LabelledSpan[] } {
  const text = string(line, "text");
  const spans = Array.isArray(line["spans"]) ? (line["spans"] as LabelledSpan[]) : [];
  return { text, spans: spans.map((span) => inUtf16(text, span)) };
}

/** A span that counts code points, in UTF-16 units. */
function inUtf16(text: string, { start, end, type }: LabelledSpan): LabelledSpan {
  const characters = [...text];
  const units = (count: number) => characters.slice(0, count).join("").length;
  return { start: units(start), end: units(end), type };
}

function string(line: Record<string, unknown>, key: string, otherwise?: string): string {
  const value = line[key];
  if (typeof value === "string") return value;
  if (value === undefined && otherwise !== undefined) return otherwise;
  throw new TypeError(`\`${key}\` must be a string`);
}

function strings(line: Record<string, unknown>, key: string): string[] {
  const value = line[key] ?? [];
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
  throw new TypeError(`\`${key}\` must be a list of strings`);
}
