import { hex } from "../bytes.js";
import type { Runtime } from "../runtime.js";
import type { Action, Category, Layer, LayerResult, PolicyResult, ScanResult, Severity } from "../types.js";

declare const NAMES: unique symbol;

/** A word that the caller or the author of a policy or a pattern chose: an agent, a tag, a tool, a rule, a pattern id. */
export type ChosenName = string & { readonly [NAMES]: "chosen" };
/** `evt_` and 32 hexadecimal digits, the same at every attempt to deliver. */
export type EventId = string & { readonly [NAMES]: "event id" };
/** A time as ISO 8601 writes it. */
export type Timestamp = string & { readonly [NAMES]: "time" };
/** A keyed similarity hash, 16 hexadecimal digits. */
export type Fingerprint = string & { readonly [NAMES]: "fingerprint" };

/** `hmac-sha256:` and 64 hexadecimal digits: equal for equal arguments. */
export type ParamsHash = string & { readonly [NAMES]: "params" };

/** What kind of call an event tells of. */
export type EventType = "input_scan" | "output_scan" | "deep_scan" | "stream_scan" | "policy_check" | "tool_call";

/** A finding as an event tells it: what and how bad, not where. */
export interface EventThreat {
  readonly type: Category;
  readonly pattern_id: ChosenName;
  readonly severity: Severity;
  readonly fingerprint: Fingerprint;
}

/** What the scans of a call came to. */
export interface EventScan {
  /** 0–1 */
  readonly risk_score: number;
  readonly l1_result: LayerResult;
  readonly l2_result: LayerResult | null;
  readonly l3_result: LayerResult | null;
  /** At most 100. */
  readonly threats_detected: readonly EventThreat[];
  readonly layers_executed: readonly Layer[];
  /** Milliseconds. */
  readonly scan_latency_ms: number;
}

/** What the policies said about a call. */
export interface EventPolicy {
  readonly action_taken: Action;
  /** The rules that fired. */
  readonly rules: readonly ChosenName[];
  /** Milliseconds; null for a scan, whose latency it is part of. */
  readonly policy_latency_ms: number | null;
}

/**
 * What leaves the process about one call: metadata only.
 *
 * INVARIANT: no field can hold content. Texts are words of a fixed list or of a type that only this folder makes; see
 * `MetadataOnly`.
 */
export interface RuneEvent {
  readonly event_id: EventId;
  readonly timestamp: Timestamp;
  readonly agent_id: ChosenName | null;
  readonly agent_tags: readonly ChosenName[];
  readonly event_type: EventType;
  readonly direction: "inbound" | "outbound";
  /** The tool; null for a scan. */
  readonly action: ChosenName | null;
  readonly action_taken: Action;
  readonly scan_result: EventScan | null;
  readonly policy_result: EventPolicy | null;
  /** Tells equal arguments, not what they are; null for a scan. */
  readonly params_hash: ParamsHash | null;
  /** UTF-16 units of all the texts in the content or the arguments; null when they were not scanned. */
  readonly content_length: number | null;
  readonly sdk: { readonly name: "@runesec/scanner"; readonly version: ChosenName; readonly runtime: Runtime };
}

/** Whether a text could stand somewhere in a type: in a `string`, a pattern of one, or anything that may be one. */
type HoldsText<T> = unknown extends T
  ? true
  : T extends { readonly [NAMES]: string }
    ? false
    : T extends string
      ? // Only of a `string` and of patterns can an object have any number of keys; of words it must have each.
        Record<never, never> extends Record<T, 1>
        ? true
        : false
      : T extends number | boolean | null | undefined
        ? false
        : T extends readonly (infer Element)[]
          ? HoldsText<Element>
          : true extends { [Key in keyof T]: HoldsText<T[Key]> }[keyof T]
            ? true
            : string extends keyof T
              ? true
              : false;

type No<T extends false> = T;
type Yes<T extends true> = T;

/** The compiler refuses this line when a field is added that could hold content; and the lines below when it would not notice. */
export type MetadataOnly = [
  No<HoldsText<RuneEvent>>,
  No<HoldsText<{ a: 1 | "x" | null; b: readonly ChosenName[] }>>,
  Yes<HoldsText<{ a: string }>>,
  Yes<HoldsText<{ a: readonly { b: `evt_${string}` }[] }>>,
  Yes<HoldsText<{ a: unknown }>>,
  Yes<HoldsText<{ a: { b: string | null } }>>,
  Yes<HoldsText<{ a?: string }>>,
  Yes<HoldsText<Record<string, number>>>,
];

/** One call, as the Shield saw it. */
export interface Occurrence {
  readonly type: EventType;
  readonly direction: "inbound" | "outbound";
  readonly agentId: string | null;
  readonly agentTags: readonly string[];
  readonly action: string | null;
  readonly actionTaken: Action;
  /** What was scanned for it: a content, or the arguments and perhaps the result of a call. */
  readonly scans: readonly ScanResult[];
  readonly policyResult: PolicyResult | null;
  readonly paramsHash: ParamsHash | null;
  readonly contentLength: number | null;
}

/** What an event says beyond the call. */
export interface Stamp {
  readonly id: Uint8Array;
  readonly epochMs: number;
  readonly version: string;
  readonly runtime: Runtime;
}

/** UTF-16 units; what is longer is cut, so that an id that came from outside cannot make an event large. */
const MAX_NAME_LENGTH = 128;
const MAX_TAGS = 32;
const MAX_RULES = 32;
const MAX_THREATS = 100;
const STRICTNESS = { pass: 0, flag: 1, block: 2 } as const satisfies Record<LayerResult, number>;

/** The event for a call. What is read of results is listed here, field by field; nothing is spread. */
export function makeEvent(call: Occurrence, { id, epochMs, version, runtime }: Stamp): RuneEvent {
  return {
    event_id: `evt_${hex(id)}` as EventId,
    timestamp: new Date(epochMs).toISOString() as Timestamp,
    agent_id: call.agentId === null ? null : chosen(call.agentId),
    agent_tags: call.agentTags.slice(0, MAX_TAGS).map(chosen),
    event_type: call.type,
    direction: call.direction,
    action: call.action === null ? null : chosen(call.action),
    action_taken: call.actionTaken,
    scan_result: scanOf(call.scans),
    policy_result: policyOf(call),
    params_hash: call.paramsHash,
    content_length: call.contentLength,
    sdk: { name: "@runesec/scanner", version: chosen(version), runtime },
  };
}

/** Several scans in one: the strictest decides, and risks add up as independent chances do. */
function scanOf(scans: readonly ScanResult[]): EventScan | null {
  const [first] = scans;
  if (first === undefined) return null;
  const isOne = scans.length === 1;
  const threats = isOne ? first.threatsDetected : scans.flatMap(({ threatsDetected }) => threatsDetected);
  return {
    risk_score: scans.reduce((risk, { riskScore }) => risk + riskScore * (1 - risk), 0),
    l1_result: strictest(scans.map(({ l1Result }) => l1Result)) ?? "pass",
    l2_result: strictest(scans.map(({ l2Result }) => l2Result)),
    l3_result: strictest(scans.map(({ l3Result }) => l3Result)),
    threats_detected: threats.slice(0, MAX_THREATS).map(({ type, patternId, severity, fingerprint }) => ({
      type,
      pattern_id: chosen(patternId),
      severity,
      fingerprint: fingerprint as Fingerprint,
    })),
    layers_executed: isOne ? first.layersExecuted : [...new Set(scans.flatMap(({ layersExecuted }) => layersExecuted))],
    scan_latency_ms: scans.reduce((sum, { scanLatencyMs }) => sum + scanLatencyMs, 0),
  };
}

function policyOf({ policyResult, scans, actionTaken }: Occurrence): EventPolicy | null {
  const rules = new Set<string>();
  for (const { violations } of policyResult === null ? scans : [policyResult, ...scans]) {
    for (const { rule } of violations) if (rule !== null) rules.add(rule);
  }
  if (policyResult === null && rules.size === 0) return null;
  return {
    action_taken: policyResult?.actionTaken ?? actionTaken,
    rules: [...rules].slice(0, MAX_RULES).map(chosen),
    policy_latency_ms: policyResult?.policyLatencyMs ?? null,
  };
}

function strictest(results: readonly (LayerResult | null)[]): LayerResult | null {
  return results.reduce((most, each) => {
    if (most === null || each === null) return most ?? each;
    return STRICTNESS[each] > STRICTNESS[most] ? each : most;
  }, null);
}

function chosen(name: string): ChosenName {
  return (name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name) as ChosenName;
}
