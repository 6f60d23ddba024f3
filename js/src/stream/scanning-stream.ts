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
  const { readable, writable } = new TransformStream<string, string>({
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
  });
  const reader = readable.getReader();
  // Chromium tells no transformer that its stream was cancelled or aborted.
  const end = (): void => finish(null);
  reader.closed.then(end, end);
  return { writable, readable: readableOf(reader), result };
}

/** What a reader reads, when it is asked for. */
function readableOf(reader: ReadableStreamDefaultReader<string>): ReadableStream<string> {
  const source: UnderlyingDefaultSource<string> = {
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

function textOf(chunk: unknown): string {
  if (typeof chunk === "string") return chunk;
  throw new ContentError(`the chunks of a stream must be strings, got ${kindOf(chunk)}`);
}
