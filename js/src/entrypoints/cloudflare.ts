/** What only Cloudflare Workers need. It holds neither the scanner nor its wasm. */
export { durableObjectStore } from "../adapters/cloudflare/durable-object-store.js";
export { rateLimitBindingStore } from "../adapters/cloudflare/rate-limit-binding-store.js";
export { RuneRateLimiter } from "../adapters/cloudflare/rune-rate-limiter.js";
export type {
  ObjectNamespace,
  ObjectState,
  ObjectStorage,
  ObjectStub,
  RateLimitBinding,
} from "../adapters/cloudflare/types.js";
export { type FetchHandler, withRune } from "../adapters/cloudflare/with-rune.js";
export type { Actor, Guarding } from "../adapters/guarding.js";
export type { HttpGuardOptions } from "../adapters/http/types.js";
export type { RateLimit, RateLimitStore } from "../rate-limits/store.js";
