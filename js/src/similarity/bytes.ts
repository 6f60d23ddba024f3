/** The bytes in an `ArrayBuffer` or a view of one, also of another realm, where `instanceof` lies; null if it is neither. */
export function bytesOf(value: unknown): Uint8Array | null {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const tag = Object.prototype.toString.call(value);
  const isBuffer = tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
  return isBuffer ? new Uint8Array(value as ArrayBuffer) : null;
}
