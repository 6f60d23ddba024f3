import { readFileSync } from "node:fs";
import { Policies, Scanner, Stream } from "../../generated/scanner.js";
import { initialize } from "../../src/engine.js";

// Importing this file puts the core that can be made to trap into the slot.
initialize(() => readFileSync(process.env["RUNE_TEST_CORE"] ?? ""));

interface TrappingScanner extends Scanner {
  trap(): void;
}

/** Makes the next `times` calls of a method trap inside the wasm, as a bug in the core would. */
export function trapNext(method: "scan" | "scanSimilar" | "redact", times: number): void {
  const original = Scanner.prototype[method] as (...args: unknown[]) => unknown;
  let left = times;
  Object.assign(Scanner.prototype, {
    [method](this: TrappingScanner, ...args: unknown[]): unknown {
      if (left === 0) return original.apply(this, args);
      left -= 1;
      return this.trap();
    },
  });
}

/** Makes the next piece of a stream trap. */
export function trapNextPiece(): void {
  const original = Stream.prototype.push;
  Stream.prototype.push = (scanner) => {
    Stream.prototype.push = original;
    return (scanner as TrappingScanner).trap() as never;
  };
}

/** The same for a method of the policies. */
export function trapNextPolicies(method: "standings" | "judgeTool" | "judgeFindings" | "passes", times: number): void {
  const original = Policies.prototype[method] as (...args: unknown[]) => unknown;
  let left = times;
  Object.assign(Policies.prototype, {
    [method](this: Policies, ...args: unknown[]): unknown {
      if (left === 0) return original.apply(this, args);
      left -= 1;
      return (new Scanner(new Uint8Array(16), []) as TrappingScanner).trap();
    },
  });
}

/** A pattern that takes many steps at every `keys`. */
export const DEAR_PATTERN = `
id: long_key
category: secret_detection
severity: high
pattern: \\b keys (?:\\x20 | [a-z]{1,9}){1,60} [0-9]
explanation: A key.
examples: ["the «keys a1»", "«keys are 1»"]
counterexamples: ["keys", "keys a"]
`;
