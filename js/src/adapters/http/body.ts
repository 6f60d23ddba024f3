import { joined } from "../../bytes.js";

/** The body of a request as far as it was read. */
export interface ReadBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What comes behind these bytes; null when that was all. */
  readonly rest: ReadableStreamDefaultReader<Uint8Array> | null;
}

/** Reads a body until it has more than so many bytes. */
export async function readBody(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<ReadBody> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= maxBytes) {
    const { done, value } = await reader.read();
    if (done) return { bytes: joined(chunks, length), rest: null };
    chunks.push(value);
    length += value.length;
  }
  return { bytes: joined(chunks, length), rest: reader };
}

/** The body as it was before it was read. */
export function unreadBody({ bytes, rest }: ReadBody): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> {
  if (rest === null) return bytes;
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes),
    async pull(controller) {
      const { done, value } = await rest.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => rest.cancel(reason),
  });
}

/** Whether bytes are a text, or the beginning of one. What is compressed is none, and holds nothing that could be read. */
export function isText(bytes: ArrayBuffer | Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
