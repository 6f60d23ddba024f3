/** Makes of the pieces of one stream those of another. */
export interface StreamGuard<In, Out> {
  /** Whether nothing is handed on any more. */
  readonly isOver: boolean;
  /** What is handed on for a piece. */
  take(piece: In): AsyncIterable<Out>;
  /** What is handed on when all has come. */
  end(): AsyncIterable<Out>;
  /** Ends what is still open, however the stream ended. */
  close(): Promise<void>;
}

/** A stream with a guard in it: nothing is read before it is asked for, and who cancels it cancels what it reads. */
export function guardedStream<In, Out>(source: ReadableStream<In>, guard: StreamGuard<In, Out>): ReadableStream<Out> {
  const reader = source.getReader();
  let isCancelled = false;
  async function* guarded(): AsyncGenerator<Out, undefined> {
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        yield* guard.take(part.value);
        if (guard.isOver) return;
      }
      if (!isCancelled) yield* guard.end();
    } finally {
      // Who reads does not wait for the source to stop, nor does it matter whether it fails.
      reader.cancel().catch(() => {});
      await guard.close();
    }
  }
  const pieces = guarded();
  return new ReadableStream<Out>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        isCancelled = true;
        // The reader first, or the generator would wait for a piece that may never come.
        await Promise.all([reader.cancel(reason), pieces.return(undefined)]);
      },
    },
    { highWaterMark: 0 },
  );
}
