import { deniedParts, toldParts } from "./denied-parts.js";
import { FILTERED, isCall, type ModelGuard } from "./model-guard.js";
import type { AnswerPart } from "./types.js";

/**
 * The stream of an answer with a guard in it. A text is handed on when it is whole, and a call of a tool when it is decided about,
 * with all that was said of it before. After a text that blocks the answer is over.
 */
export function guardedParts(guard: ModelGuard): TransformStream<AnswerPart, AnswerPart> {
  /** The parts of texts and calls that are not whole yet, by their kind and id. */
  const pending = new Map<string, AnswerPart[]>();
  const calls = { allowed: 0, denied: 0 };
  return new TransformStream({
    async transform(part, controller) {
      const send = (parts: readonly AnswerPart[]): void => {
        for (const each of parts) controller.enqueue(each);
      };
      const key = keyOf(part);
      if (key !== null) {
        const held = [...(pending.get(key) ?? []), part];
        pending.set(key, held);
        if (part.type !== "text-end") return;
        pending.delete(key);
        const text = held.map(({ delta }) => delta ?? "").join("");
        const denial = guard.denialOfTexts([text]);
        if (denial === null) return send(textParts(held, guard.redact(text)));
        send(deniedParts(denial, `${part.id}-blocked`));
        return controller.terminate();
      }
      if (part.type === "tool-call") {
        const held = pending.get(`tool ${part.toolCallId}`) ?? [];
        pending.delete(`tool ${part.toolCallId}`);
        if (!isCall(part)) return send([...held, part]);
        const denial = await guard.denialOfCall(part);
        calls[denial === null ? "allowed" : "denied"] += 1;
        return send(denial === null ? [...held, part] : toldParts(denial, `${part.toolCallId}-blocked`));
      }
      // Raw chunks would show what is held back.
      if (part.type === "raw") return;
      if (part.type !== "finish") return send([part]);
      send([calls.denied > 0 && calls.allowed === 0 ? { ...part, finishReason: FILTERED } : part]);
    },
  });
}

/** What a part is held with; null when it is handed on at once. */
function keyOf({ type, id }: AnswerPart): string | null {
  if (type.startsWith("text-")) return `text ${id}`;
  return type.startsWith("tool-input-") ? `tool ${id}` : null;
}

/** The parts of a whole text, with one delta. */
function textParts(held: readonly AnswerPart[], text: string): AnswerPart[] {
  const [start, ...rest] = held;
  const end = rest.at(-1);
  if (start === undefined || end === undefined) return [...held];
  const delta = rest.find(({ type }) => type === "text-delta");
  return delta === undefined ? [start, end] : [start, { ...delta, delta: text }, end];
}
