import { checkLimit } from "../../rate-limits/check-limits.js";
import type { RateLimit } from "../../rate-limits/store.js";

/** What an object can be asked to do: take a call, only look, or take back a call that was taken at a time. */
export type RateLimiterRequest =
  // It knows whom it counts for, so that no id need travel.
  ({ readonly op: "take" | "look" } & Omit<RateLimit, "key">) | { readonly op: "take_back"; readonly atMs: number };

/** What it answers. */
export interface RateLimiterAnswer {
  /** 0 or the milliseconds after which a call would pass. */
  readonly waitMs: number;
  /** When the call was taken; null if it was not. */
  readonly atMs: number | null;
}

/**
 * Reads a request; null if it is none.
 *
 * @throws {SyntaxError} when it is no JSON
 * @throws {ConfigurationError} when its limit is none
 */
export function parseRequest(text: string): RateLimiterRequest | null {
  const { op, atMs, ...rest } = JSON.parse(text) as Record<string, unknown>;
  if (op === "take_back") return typeof atMs === "number" ? { op, atMs } : null;
  if (op !== "take" && op !== "look") return null;
  const limit: unknown = { ...rest, key: "" };
  checkLimit(limit);
  return { op, maxCalls: limit.maxCalls, windowMs: limit.windowMs, isEnforced: limit.isEnforced };
}
