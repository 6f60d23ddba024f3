/** What a stream makes of chunks. */
export async function through(
  { readable, writable }: Pick<TransformStream<string, string>, "readable" | "writable">,
  chunks: readonly string[],
): Promise<string> {
  const writer = writable.getWriter();
  const written = (async () => {
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  })();
  // Who stops reading does not care how the writing ends.
  written.catch(() => {});
  let text = "";
  for await (const chunk of readable) text += chunk;
  return text;
}
