/** What frameworks call the parts of a content that consist of bytes. */
const MEDIA: readonly unknown[] = [
  "image",
  "image_url",
  "input_image",
  "audio",
  "input_audio",
  "video",
  "file",
  "input_file",
];

/** Bytes as such parts hold them. What else stands where bytes should, or begins as they do, may be read by a model after all. */
const BASE64 = /^(?:data:[^,]{0,99};base64,)?[A-Za-z0-9+/]*={0,2}$/;

/** What a tool returned, without the bytes of images and the like in it. */
export function withoutMedia(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(withoutMedia);
  const { type } = (answer ?? {}) as { readonly type?: unknown };
  return MEDIA.includes(type) ? withoutBytes(answer) : answer;
}

/** A part of a content without the bytes in it, which are base64 and hold no text that a model reads as such. */
export function withoutBytes(part: unknown): unknown {
  return withoutBytesTo(1, part);
}

/** The same; what is in it is looked at to this depth. */
function withoutBytesTo(depth: number, part: unknown): unknown {
  if (typeof part !== "object" || part === null || Array.isArray(part) || ArrayBuffer.isView(part)) return part;
  const texts = Object.entries(part).filter(([name, value]) => !isBytes(name, value));
  if (depth === 0) return Object.fromEntries(texts);
  return Object.fromEntries(texts.map(([name, value]) => [name, withoutBytesTo(depth - 1, value)]));
}

function isBytes(name: string, value: unknown): boolean {
  if (typeof value !== "string" || name === "text") return false;
  return (name === "data" || name === "blob" || value.startsWith("data:")) && isBase64(value);
}

/** Whether a text is nothing but bytes in base64, by themselves or in a `data:` URL. */
export function isBase64(text: string): boolean {
  return BASE64.test(text);
}
