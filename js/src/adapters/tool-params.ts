/** The arguments of a call, which models write as JSON text; what is none is scanned as the text that it is. */
export function paramsOf(json: string | undefined): unknown {
  try {
    return JSON.parse(json || "{}");
  } catch {
    return { input: json };
  }
}
