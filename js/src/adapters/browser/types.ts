import type { Category, Pseudonymized, ScanResult, Severity } from "../../types.js";

/** What a guard needs of a Shield. */
export interface Scanning {
  scanInput(content: string): ScanResult;
  pseudonymize(text: string): Pseudonymized;
}

/** What a guard needs of a text field; `<textarea>` and `<input>` are such. */
export interface TextField {
  readonly value: string;
  addEventListener(type: "input", listener: () => void): void;
  removeEventListener(type: "input", listener: () => void): void;
}

/** A stretch of the text that was found. */
export interface PromptSpan {
  /** UTF-16 units: `text.slice(start, end)` is what was found. */
  readonly start: number;
  readonly end: number;
  readonly kind: "secret" | "personal_data" | "attack";
  readonly category: Category;
  readonly patternId: string;
  readonly severity: Severity;
  /** What was found, and so what; for people. */
  readonly explanation: string;
}

/** What is known about the text of a field. */
export interface PromptState {
  /** The text that this is about. */
  readonly text: string;
  /** In the order in which they stand. */
  readonly spans: readonly PromptSpan[];
  /** Whether there is something that its writer may not want to send: a secret or personal data. */
  readonly hasPrivateData: boolean;
  /** Whether the Shield blocks it. */
  readonly isBlocked: boolean;
  /** Why not all of it was scanned; null when all was. */
  readonly failedOpen: string | null;
}

/** How a guard watches. */
export interface PromptGuardOptions {
  readonly shield: Scanning;
  /** Called with what is known when the writer pauses, if that has changed. */
  readonly onChange?: ((state: PromptState) => void) | undefined;
  /** Milliseconds without typing after which the text is scanned, 0–10,000. Default 150. */
  readonly delayMs?: number | undefined;
}
