/** Guards AI agents inside the application: `Shield` scans and redacts, and everything else here describes what it says. */
export {
  ConfigurationError,
  ContentError,
  L2UnavailableError,
  PolicyError,
  type PolicyProblem,
  PolicySyncError,
  RuneError,
  ShieldBlockedError,
} from "./errors.js";
export type { EventPolicy, EventScan, EventThreat, EventType, RuneEvent } from "./events/event.js";
export type { Judge, JudgedCategory, Judgement, JudgeRequest } from "./judge/judge.js";
export { lintPolicy, readPolicyCases } from "./policies/lint.js";
export type { Protector } from "./protect.js";
export { type RedisClient, type RedisRateLimitOptions, redisRateLimitStore } from "./rate-limits/redis.js";
export type { RateLimit, RateLimitStore } from "./rate-limits/store.js";
export { Shield } from "./shield.js";
export type {
  Action,
  AttackExampleOptions,
  Canary,
  Category,
  Denial,
  Direction,
  Finding,
  FindingContext,
  L2Model,
  Layer,
  LayerResult,
  OnBlock,
  PolicyAction,
  PolicyCase,
  PolicyCaseCall,
  PolicyCases,
  PolicyLint,
  PolicyResult,
  PolicySubject,
  PolicySummary,
  PolicyTextOptions,
  ProtectOptions,
  Pseudonymized,
  RedactOptions,
  RedactStyle,
  RuleStanding,
  ScanContext,
  ScanResult,
  ScanStream,
  Severity,
  ShieldConfig,
  ShieldStats,
  Spotlighted,
  SpotlightOptions,
  ToolAction,
  Violation,
  Warning,
} from "./types.js";
