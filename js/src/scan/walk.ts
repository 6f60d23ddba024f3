import { type Step, stepTo } from "./path.js";

/** Told what a walk meets, in the order in which JSON would write it. */
export interface Visitor {
  text(text: string, step: Step | null): void;
  /** Anything that holds no text to read, as JSON writes it. */
  literal(json: string, step: Step | null): void;
  open(bracket: "[" | "{", step: Step | null): void;
  close(bracket: "]" | "}"): void;
}

/** What a walk could not read. */
export interface Unread {
  /** There were more values than `MAX_VALUES`. */
  readonly tooMany: boolean;
  /** A getter, a proxy or a `toJSON` threw. */
  readonly threw: boolean;
}

/** How many values one walk visits. A shared object counts each time it is met, so that a small knot cannot cost for ever. */
export const MAX_VALUES = 1_000_000;

type Container = Readonly<Record<string | number, unknown>>;

/** A container that is being read. */
interface Frame {
  /** The caller's own object, by which a cycle is noticed. */
  readonly identity: object;
  readonly source: Container;
  /** The keys of an object; null for an array, which is read by index. */
  readonly keys: readonly string[] | null;
  readonly length: number;
  readonly step: Step | null;
  next: number;
}

/**
 * Visits a value as `JSON.stringify` would see it, but without recursion: depth costs memory, never the stack. A cycle
 * is cut where it closes. Maps and Sets are read as arrays of their values; bytes are not read.
 */
export function walk(root: unknown, visitor: Visitor): Unread {
  const frames: Frame[] = [];
  const ancestors = new Set<object>();
  let visited = 0;
  let tooMany = false;
  let threw = false;

  const enter = (value: unknown, step: Step | null): void => {
    const plain = unbox(value, step);
    if (typeof plain === "string") visitor.text(plain, step);
    else if (isContainer(plain) && !ancestors.has(value as object)) enterContainer(plain, value as object, step);
    else visitor.literal(literalOf(plain), step);
  };

  const enterContainer = (plain: Container, identity: object, step: Step | null): void => {
    const keys = Array.isArray(plain) ? null : Object.keys(plain);
    const length = keys === null ? (plain.length as number) : keys.length;
    frames.push({ identity, source: plain, keys, length, step, next: 0 });
    ancestors.add(identity);
    visitor.open(keys === null ? "[" : "{", step);
  };

  // INVARIANT: what can throw (getters, proxies, `toJSON`) does so before the visitor has been told anything.
  const meet = (frame: Frame | null, key: string | number): void => {
    visited += 1;
    const step = frame === null ? null : stepTo(frame.step, key);
    try {
      const value = frame === null ? root : frame.source[key];
      if (frame === null || frame.keys === null || isWritten(value)) enter(value, step);
    } catch {
      threw = true;
      visitor.literal("null", step);
    }
  };

  meet(null, "");
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    if (frame.next < frame.length && visited < MAX_VALUES) {
      const key = frame.keys?.[frame.next] ?? frame.next;
      frame.next += 1;
      meet(frame, key);
    } else {
      if (frame.next < frame.length) tooMany = true;
      visitor.close(frame.keys === null ? "]" : "}");
      ancestors.delete(frame.identity);
      frames.pop();
    }
  }
  return { tooMany, threw };
}

/** What JSON would take instead of a value: the answer of its `toJSON`, the string in a `String`. */
function unbox(value: unknown, step: Step | null): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { toJSON } = value as { toJSON?: unknown };
  const plain: unknown = typeof toJSON === "function" ? toJSON.call(value, String(step?.key ?? "")) : value;
  if (plain instanceof String) return plain.valueOf();
  return plain instanceof Map || plain instanceof Set ? [...plain.values()] : plain;
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer);
}

/** Whether JSON writes an object's member that has this value at all. */
function isWritten(value: unknown): boolean {
  return value !== undefined && typeof value !== "function" && typeof value !== "symbol";
}

function literalOf(value: unknown): string {
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  return Number.isFinite(value) ? String(value) : "null";
}
