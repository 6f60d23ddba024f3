import type { Core } from "./engine.js";
import { ContentError, RuneError } from "./errors.js";
import { kindOf } from "./expectation.js";
import { nonce } from "./nonce.js";
import { scanContent } from "./scan/scan.js";
import type { Finding, Pseudonymized } from "./types.js";

/** Letters of the part of a placeholder that nobody can guess: 50 bits. */
const NONCE_LENGTH = 10;
const NO_LIMITS = {
  maxInputChars: Number.MAX_SAFE_INTEGER,
  sought: "everything",
  scanTimeoutMs: Number.MAX_SAFE_INTEGER,
  l1Enabled: true,
  l2: null,
} as const;

/**
 * Puts a placeholder such as `[EMAIL-1-x7k2m9p4qr]` in the place of personal data and secrets, the same one for the same
 * text. Who does not know the letters at its end cannot write a placeholder that `restore` would fill.
 *
 * @throws {ContentError} when the text is no string
 * @throws {RuneError} `core_failed` when the text cannot be searched in full; nothing is returned then
 */
export function pseudonymizeText(core: Core, text: string): Pseudonymized {
  if (typeof text !== "string")
    throw new ContentError(`the text to pseudonymize must be a string, got ${kindOf(text)}`);
  const { findings, causes } = scanContent(core, text, "input", NO_LIMITS);
  if (causes.length > 0) {
    throw new RuneError(
      "core_failed",
      `the text could not be pseudonymized: not all of it was searched (${causes[0]})`,
    );
  }
  const secret = nonce(NONCE_LENGTH, text);
  const originals = new Map<string, string>();
  const placeholders = new Map<string, string>();
  const counts = new Map<string, number>();
  const placeholderFor = (original: string, finding: Finding): string => {
    const label = finding.patternId.replace(/\..*/, "").toUpperCase();
    const key = `${label} ${original}`;
    const known = placeholders.get(key);
    if (known !== undefined) return known;
    const count = (counts.get(label) ?? 0) + 1;
    const placeholder = `[${label}-${count}-${secret}]`;
    counts.set(label, count);
    placeholders.set(key, placeholder);
    originals.set(placeholder, original);
    return placeholder;
  };

  let written = "";
  let done = 0;
  for (const finding of findings.filter(isData).sort((a, b) => a.start - b.start)) {
    if (finding.start < done) continue;
    written += text.slice(done, finding.start) + placeholderFor(text.slice(finding.start, finding.end), finding);
    done = finding.end;
  }
  const restore = restorerOf(originals, secret);
  return Object.freeze({
    text: written + text.slice(done),
    restore,
    restoreStream: () => restoringStream(restore, Math.max(0, ...[...originals.keys()].map(({ length }) => length))),
  });
}

function isData({ type }: Finding): boolean {
  return type === "pii_detection" || type === "secret_detection";
}

function restorerOf(originals: ReadonlyMap<string, string>, secret: string): (text: string) => string {
  const shape = new RegExp(`\\[[A-Z0-9_]+-[0-9]+-${secret}\\]`, "g");
  return (text) => text.replace(shape, (placeholder) => originals.get(placeholder) ?? placeholder);
}

/** Fills placeholders however they are cut into chunks; only what could still become one is held back. */
function restoringStream(restore: (text: string) => string, longest: number): TransformStream<string, string> {
  let held = "";
  return new TransformStream<string, string>({
    transform(chunk, controller) {
      held += chunk;
      const open = held.lastIndexOf("[");
      const isUnfinished = open >= 0 && !held.includes("]", open) && held.length - open < longest;
      const ready = isUnfinished ? held.slice(0, open) : held;
      held = held.slice(ready.length);
      if (ready !== "") controller.enqueue(restore(ready));
    },
    flush(controller) {
      if (held !== "") controller.enqueue(restore(held));
    },
  });
}
