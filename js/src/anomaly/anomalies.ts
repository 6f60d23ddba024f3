import { sessionOf } from "../session.js";
import type { Finding, Severity } from "../types.js";
import { Attempts } from "./attempts.js";
import { Bursts } from "./bursts.js";
import { Creep } from "./creep.js";
import { Recent } from "./recent.js";
import { Tools } from "./tools.js";

/** Agents and sessions that are remembered; those that have been quiet for longest are forgotten. */
const MAX_AGENTS = 10_000;
const MAX_SESSIONS = 10_000;
/** UTF-16 units of an id or a name that are told apart. */
const MAX_NAME_LENGTH = 128;

/** A call as far as habits go. */
export interface ObservedCall {
  readonly agentId: string | null;
  readonly sessionId: string | null;
  readonly tool: string;
  /** UTF-16 units of the arguments' texts; null when they were not read. */
  readonly size: number | null;
  /** What the scan of the arguments came to, 0–1. */
  readonly risk: number;
}

/** What can be unusual, how bad it is and how sure. */
const KINDS = {
  burst: [
    "medium",
    0.7,
    "The agent makes calls at a multiple of its usual rate, which a loop or a hijacked agent does.",
  ],
  new_tool: ["low", 0.6, "The agent uses a tool that it has never used before, long after it had settled on others."],
  large_arguments: [
    "medium",
    0.6,
    "The arguments are many times as long as this tool's usually are; data may be leaving.",
  ],
  blocked_attempts: [
    "high",
    0.8,
    "The agent goes on after it was blocked again and again; somebody may be trying ways around.",
  ],
  rising_risk: ["medium", 0.7, "Suspicious content adds up over the session, though no single call stands out."],
} as const satisfies Record<string, readonly [Severity, number, string]>;

type Kind = keyof typeof KINDS;

/** What an agent usually does. */
class Habits {
  readonly bursts = new Bursts();
  readonly tools = new Tools();
  readonly attempts = new Attempts();
}

/** Compares each call with what its agent usually does. Memory is bounded, and nothing of a call's content is kept. */
export class Anomalies {
  readonly #agents = new Recent(MAX_AGENTS, () => new Habits());
  readonly #sessions = new Recent(MAX_SESSIONS, () => new Creep());
  readonly #fingerprint: (text: string) => string;

  /** @param fingerprint a keyed hash of a text, 16 hexadecimal digits */
  constructor(fingerprint: (text: string) => string) {
    this.#fingerprint = fingerprint;
  }

  /** Takes in a call, and says what is unusual about it. */
  observe(call: ObservedCall, nowMs: number): readonly Finding[] {
    const tool = cut(call.tool);
    const { bursts, tools, attempts } = this.#agents.get(nameOf(call));
    const creep = this.#sessions.get(cut(sessionOf(call)));
    const { isNewTool, isLarge } = tools.add(tool, call.size);
    creep.note(call.risk);
    const kinds: Record<Kind, boolean> = {
      burst: bursts.add(nowMs),
      new_tool: isNewTool,
      large_arguments: isLarge,
      blocked_attempts: attempts.isRepeated(nowMs),
      rising_risk: creep.isRising(),
    };
    const unusual = (Object.keys(kinds) as Kind[]).filter((kind) => kinds[kind]);
    return unusual.map((kind) => this.#finding(kind, `${kind}\n${nameOf(call)}\n${tool}`));
  }

  /** Takes in that a call of an agent was blocked. */
  noteBlocked(call: Pick<ObservedCall, "agentId">, nowMs: number): void {
    this.#agents.get(nameOf(call)).attempts.noteBlocked(nowMs);
  }

  /** Takes in what a scan that is no call came to, 0–1. */
  noteRisk(subject: Pick<ObservedCall, "agentId" | "sessionId">, risk: number): void {
    if (risk > 0) this.#sessions.get(cut(sessionOf(subject))).note(risk);
  }

  #finding(kind: Kind, subject: string): Finding {
    const [severity, score, explanation] = KINDS[kind];
    const fingerprint = this.#fingerprint(subject);
    const place = { layer: null, start: 0, end: 0, path: null, fingerprint, via: [] };
    return { type: "anomaly", patternId: `anomaly.${kind}`, severity, score, ...place, explanation };
  }
}

function nameOf({ agentId }: Pick<ObservedCall, "agentId">): string {
  return cut(agentId ?? "");
}

function cut(name: string): string {
  return name.slice(0, MAX_NAME_LENGTH);
}
