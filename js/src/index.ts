/** Guards AI agents inside the application: `Shield` scans and redacts, and everything else here describes what it says. */
export { ConfigurationError, ContentError, RuneError } from "./errors.js";
export { type RedisClient, type RedisRateLimitOptions, redisRateLimitStore } from "./rate-limits/redis.js";
export type { RateLimit, RateLimitStore } from "./rate-limits/store.js";
export { Shield } from "./shield.js";
export type {
  Action,
  Category,
  Direction,
  Finding,
  FindingContext,
  Layer,
  LayerResult,
  RedactOptions,
  RedactStyle,
  ScanContext,
  ScanResult,
  Severity,
  ShieldConfig,
  ShieldStats,
  Warning,
} from "./types.js";
