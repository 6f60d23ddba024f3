import { ConfigurationError } from "../../errors.js";
import { kindOf } from "../../expectation.js";
import { checkLimits } from "../../rate-limits/check-limits.js";
import { keyDigest } from "../../rate-limits/key-digest.js";
import type { RateLimit, RateLimitStore } from "../../rate-limits/store.js";
import type { RateLimitBinding } from "./types.js";

/**
 * Counts calls by Cloudflare's rate-limit binding: fast, in each of Cloudflare's locations apart, and not exactly. Where a
 * limit must hold, use `durableObjectStore`.
 *
 * The limit and its period (10 or 60 seconds) stand in the wrangler configuration and hold for every key. So `maxCalls` and
 * `windowMs` of a rule are not used, save that an exhausted limit answers with `windowMs`, since the binding does not say
 * how long to wait.
 *
 * A binding can neither be looked at nor give back. Of a call with several limits the enforced ones are taken first, one after
 * the other, and none after one that refuses; those before it stay counted, those behind it answer 0.
 *
 * @throws {ConfigurationError} when it is handed no rate-limit binding
 */
export function rateLimitBindingStore(binding: RateLimitBinding): RateLimitStore {
  if (typeof (binding as Partial<RateLimitBinding> | null | undefined)?.limit !== "function") {
    throw new ConfigurationError(`expected a rate-limit binding with a method \`limit\`, got ${kindOf(binding)}`);
  }
  return Object.freeze({
    async take(limits: readonly RateLimit[]): Promise<readonly number[]> {
      checkLimits(limits);
      const waits = new Map<RateLimit, number>();
      const enforcedFirst = [...limits].sort((a, b) => Number(b.isEnforced) - Number(a.isEnforced));
      for (const limit of enforcedFirst) {
        const { success } = await binding.limit({ key: keyDigest(limit.key) });
        waits.set(limit, success ? 0 : limit.windowMs);
        if (!success && limit.isEnforced) break;
      }
      return limits.map((limit) => waits.get(limit) ?? 0);
    },
  });
}
