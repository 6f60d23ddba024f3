/** The data of an event. */
export type StreamEvent = Readonly<Record<string, unknown>> | "[DONE]";

/** What a model does in an answer: says something, or calls a tool. */
export type Part = string | { readonly tool: string; readonly input: object };

/** What a client reads of an answer. */
export interface Read {
  readonly texts: readonly string[];
  readonly calls: readonly (readonly [tool: string, input: string])[];
  readonly finish: unknown;
}

/** An API: how it streams an answer, and how clients read one. */
export interface StreamingApi {
  readonly name: string;
  /** Whether its events have names. */
  readonly isNamed: boolean;
  /** How it says that an answer ended, wants a call to be made, or was filtered. */
  readonly finishes: { readonly stop: unknown; readonly call: unknown; readonly filtered: unknown };
  stream(parts: readonly Part[], pieces: (text: string) => readonly string[]): readonly StreamEvent[];
  read(events: readonly StreamEvent[]): Read;
}

// biome-ignore lint/suspicious/noExplicitAny: clients look at what came, and believe it
type Any = any;

const isCalling = (parts: readonly Part[]): boolean => parts.some((part) => typeof part !== "string");

const objects = (events: readonly StreamEvent[]): Any[] => events.filter((event) => event !== "[DONE]");

const chat: StreamingApi = {
  name: "chat completions",
  isNamed: false,
  finishes: { stop: "stop", call: "tool_calls", filtered: "content_filter" },
  stream(parts, pieces) {
    const chunk = (delta: object, finish_reason: string | null = null): StreamEvent => ({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      model: "m",
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      usage: null,
    });
    let index = 0;
    const said = parts.flatMap((part) => {
      if (typeof part === "string") return pieces(part).map((content) => chunk({ content }));
      const at = index++;
      const start = { index: at, id: `call-${at}`, type: "function", function: { name: part.tool, arguments: "" } };
      const calls = pieces(JSON.stringify(part.input)).map((each) => ({ index: at, function: { arguments: each } }));
      return [start, ...calls].map((call) => chunk({ tool_calls: [call] }));
    });
    return [
      chunk({ role: "assistant", content: "", refusal: null }),
      ...said,
      chunk({}, isCalling(parts) ? "tool_calls" : "stop"),
      { ...(chunk({}) as object), choices: [], usage: { total_tokens: 3 } },
      "[DONE]",
    ];
  },
  read(events) {
    let text = "";
    let finish: unknown = null;
    const calls: [string, string][] = [];
    for (const { choices } of objects(events)) {
      for (const { delta, finish_reason } of choices) {
        text += delta.content ?? "";
        finish = finish_reason ?? finish;
        for (const { index, function: called } of delta.tool_calls ?? []) {
          calls[index] ??= [called.name, ""];
          calls[index][1] += called.arguments;
        }
      }
    }
    return { texts: text === "" ? [] : [text], calls, finish: events.at(-1) === "[DONE]" ? finish : "not done" };
  },
};

const anthropic: StreamingApi = {
  name: "messages of Anthropic",
  isNamed: true,
  finishes: { stop: "end_turn", call: "tool_use", filtered: "refusal" },
  stream(parts, pieces) {
    const blocks = parts.flatMap((part, index): StreamEvent[] => {
      const block =
        typeof part === "string"
          ? { type: "text", text: "" }
          : { type: "tool_use", id: `toolu_${index}`, name: part.tool, input: {} };
      const deltas =
        typeof part === "string"
          ? pieces(part).map((text) => ({ type: "text_delta", text }))
          : pieces(JSON.stringify(part.input)).map((partial_json) => ({ type: "input_json_delta", partial_json }));
      return [
        { type: "content_block_start", index, content_block: block },
        ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
        { type: "content_block_stop", index },
      ];
    });
    const stop_reason = isCalling(parts) ? "tool_use" : "end_turn";
    return [
      { type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", content: [] } },
      { type: "ping" },
      ...blocks,
      { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 3 } },
      { type: "message_stop" },
    ];
  },
  read(events) {
    const blocks: Any[] = [];
    let finish: unknown = "not stopped";
    let stopped: unknown;
    for (const { type, index, content_block, delta } of objects(events)) {
      if (type === "content_block_start") blocks[index] = { ...content_block, json: "" };
      if (delta?.type === "text_delta") blocks[index].text += delta.text;
      if (delta?.type === "input_json_delta") blocks[index].json += delta.partial_json;
      if (type === "content_block_stop") blocks[index].isWhole = true;
      if (type === "message_delta") stopped = delta.stop_reason;
      if (type === "message_stop" && blocks.every(({ isWhole }) => isWhole)) finish = stopped;
    }
    return {
      texts: blocks.flatMap(({ type, text }) => (type === "text" ? [text] : [])),
      calls: blocks.flatMap(({ type, name, json }): [string, string][] => (type === "tool_use" ? [[name, json]] : [])),
      finish,
    };
  },
};

const responses: StreamingApi = {
  name: "responses",
  isNamed: true,
  finishes: { stop: "completed", call: "completed", filtered: "incomplete" },
  stream(parts, pieces) {
    const output: Any[] = [];
    const events = parts.flatMap((part, output_index): Any[] => {
      const place = { item_id: `item_${output_index}`, output_index };
      if (typeof part !== "string") {
        const text = JSON.stringify(part.input);
        const item = { id: place.item_id, type: "function_call", call_id: "c", name: part.tool, arguments: text };
        output.push(item);
        return [
          { type: "response.output_item.added", output_index, item: { ...item, arguments: "" } },
          ...pieces(text).map((delta) => ({ type: "response.function_call_arguments.delta", ...place, delta })),
          { type: "response.function_call_arguments.done", ...place, arguments: text },
          { type: "response.output_item.done", output_index, item },
        ];
      }
      const said = { type: "output_text", text: part, annotations: [] };
      const item = { id: place.item_id, type: "message", role: "assistant", content: [said] };
      output.push(item);
      const inside = { ...place, content_index: 0 };
      return [
        { type: "response.output_item.added", output_index, item: { ...item, content: [] } },
        { type: "response.content_part.added", ...inside, part: { ...said, text: "" } },
        ...pieces(part).map((delta) => ({ type: "response.output_text.delta", ...inside, delta, logprobs: [] })),
        { type: "response.output_text.done", ...inside, text: part, logprobs: [] },
        { type: "response.content_part.done", ...inside, part: said },
        { type: "response.output_item.done", output_index, item },
      ];
    });
    const response = { id: "resp_1", object: "response", status: "in_progress", output: [] };
    return [
      { type: "response.created", response },
      { type: "response.in_progress", response },
      ...events,
      { type: "response.completed", response: { ...response, status: "completed", output } },
    ].map((event, sequence_number) => ({ ...event, sequence_number }));
  },
  read(events) {
    const texts = new Map<number, string>();
    const calls: [string, string][] = [];
    let finish: unknown;
    let repeated: Any[] = [];
    let latest = -1;
    for (const { type, sequence_number, output_index, delta, item, response } of objects(events)) {
      if (sequence_number <= latest) throw new Error(`an event behind number ${latest} has number ${sequence_number}`);
      latest = sequence_number ?? latest;
      if (type === "response.output_text.delta") texts.set(output_index, (texts.get(output_index) ?? "") + delta);
      if (type === "response.output_item.done" && item.type === "function_call")
        calls.push([item.name, item.arguments]);
      if (response) ({ status: finish, output: repeated } = response);
    }
    const said = [...texts.values()];
    // Some clients look at nothing but the last event.
    const whole = repeated.flatMap(({ content }) => content?.map(({ text }: Any) => text) ?? []);
    if (finish === "completed" && JSON.stringify(whole) !== JSON.stringify(said)) finish = { said, whole };
    return { texts: said, calls, finish };
  },
};

const uiMessages: StreamingApi = {
  name: "messages of the AI SDK",
  isNamed: false,
  finishes: { stop: "stop", call: "tool-calls", filtered: "content-filter" },
  stream(parts, pieces) {
    const chunks = parts.flatMap((part, index): StreamEvent[] => {
      if (typeof part === "string") {
        const id = `${index}`;
        const deltas = pieces(part).map((delta) => ({ type: "text-delta", id, delta }));
        return [{ type: "text-start", id }, ...deltas, { type: "text-end", id }];
      }
      const call = { toolCallId: `call-${index}`, toolName: part.tool };
      return [
        { type: "tool-input-start", ...call },
        ...pieces(JSON.stringify(part.input)).map((inputTextDelta) => ({
          type: "tool-input-delta",
          toolCallId: call.toolCallId,
          inputTextDelta,
        })),
        { type: "tool-input-available", ...call, input: part.input },
        { type: "tool-output-available", toolCallId: call.toolCallId, output: "done" },
      ];
    });
    const finishReason = isCalling(parts) ? "tool-calls" : "stop";
    return [
      { type: "start", messageId: "m" },
      { type: "start-step" },
      ...chunks,
      { type: "finish-step" },
      { type: "finish", finishReason },
      "[DONE]",
    ];
  },
  read(events) {
    const texts = new Map<string, string>();
    const calls = new Map<string, [string, string]>();
    let finish: unknown;
    for (const { type, id, delta, toolCallId, toolName, input, finishReason } of objects(events)) {
      if (type === "text-start") texts.set(id, "");
      if (type === "text-delta") texts.set(id, texts.get(id) + delta);
      if (type === "tool-input-available") calls.set(toolCallId, [toolName, JSON.stringify(input)]);
      if (type === "tool-output-available" && !calls.has(toolCallId)) throw new Error("a result without a call");
      if (type === "finish") finish = finishReason ?? "content-filter";
    }
    return {
      texts: [...texts.values()],
      calls: [...calls.values()],
      finish: events.at(-1) === "[DONE]" ? finish : "not done",
    };
  },
};

/** The APIs whose streams are guarded. */
export const STREAMING_APIS: readonly StreamingApi[] = [chat, anthropic, responses, uiMessages];

/** How an API sends events. */
export function sseOf({ isNamed }: StreamingApi, events: readonly StreamEvent[], lineEnd = "\n"): string {
  return events
    .map((event) => {
      const data = `data: ${event === "[DONE]" ? event : JSON.stringify(event)}${lineEnd}${lineEnd}`;
      return isNamed && event !== "[DONE]" ? `event: ${event["type"]}${lineEnd}${data}` : data;
    })
    .join("");
}

/** The events in what came, read as simply as can be. */
export function eventsIn({ isNamed }: StreamingApi, text: string): StreamEvent[] {
  return text
    .replaceAll(/\r\n?/g, "\n")
    .split(/\n{2,}/)
    .flatMap((block): StreamEvent[] => {
      const [, name, data = ""] = /^(?:event: (.*)\n)?data: (.*)$/s.exec(block) ?? [];
      if (data === "") return [];
      if (data === "[DONE]") return ["[DONE]"];
      const event = JSON.parse(data) as Readonly<Record<string, unknown>>;
      if (isNamed && name !== event["type"]) throw new Error(`an event of the type ${event["type"]} is named ${name}`);
      return [event];
    });
}
