/** The text of an answer; null when it has none, or more bytes than it may have. */
export async function textOf(response: Response, maxBytes: number): Promise<string | null> {
  const reader = response.body?.getReader();
  if (reader === undefined) return null;
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.length;
    if (bytes > maxBytes) return null;
    text += decoder.decode(part.value, { stream: true });
  }
  return text;
}
