import { ContentError } from "../errors.js";
import { kindOf } from "../expectation.js";
import type { Cause } from "../scan/scan.js";
import type { ScanResult, ScanStream } from "../types.js";
import { StreamFailure, type StreamScan } from "./stream-scan.js";

/**
 * The scan of a text as a stream.
 *
 * @param conclude what all comes to, called once: at the end, when the text is ended by what was found, when somebody cancels the
 * stream, or when it fails
 */
export function scanningStream(scan: StreamScan, conclude: (failure: Cause | null) => ScanResult): ScanStream {
  let settle: ((result: ScanResult) => void) | undefined;
  const result = new Promise<ScanResult>((resolve) => {
    settle = resolve;
  });
  const finish = (failure: Cause | null): void => {
    settle?.(conclude(failure));
    settle = undefined;
  };
  const run = (controller: TransformStreamDefaultController<string>, work: () => string): void => {
    try {
      const out = work();
      if (out !== "") controller.enqueue(out);
    } catch (error) {
      finish(error instanceof StreamFailure ? error.failure : "unreadable_content");
      throw error;
    }
  };
  const transformer: Transformer<string, string> & { cancel(): void } = {
    transform(chunk, controller) {
      run(controller, () => scan.push(textOf(chunk)));
      if (!scan.isOver) return;
      finish(null);
      controller.terminate();
    },
    flush(controller) {
      run(controller, () => scan.end());
      finish(null);
    },
    cancel() {
      finish(null);
    },
  };
  return Object.assign(new TransformStream(transformer), { result });
}

function textOf(chunk: unknown): string {
  if (typeof chunk === "string") return chunk;
  throw new ContentError(`the chunks of a stream must be strings, got ${kindOf(chunk)}`);
}
