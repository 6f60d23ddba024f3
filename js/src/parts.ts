import { Allowlist } from "./allowlist.js";
import { Anomalies } from "./anomaly/anomalies.js";
import { Canaries } from "./canary.js";
import { Core } from "./engine.js";
import { ConfigurationError } from "./errors.js";
import { Events } from "./events/events.js";
import { kindOf } from "./expectation.js";
import { fingerprintKey, textFingerprint } from "./fingerprint-key.js";
import { Backlog } from "./judging/backlog.js";
import { Judging } from "./judging/judging.js";
import { Notices, printDebug } from "./notices.js";
import type { ShieldOptions } from "./options.js";
import { Cloud } from "./policies/cloud.js";
import { readDirectory } from "./policies/directory.js";
import { Policies, type PolicySource } from "./policies/policies.js";
import { L2 } from "./similarity/l2.js";

/** What a Shield is made of. */
export interface Parts {
  readonly options: ShieldOptions;
  readonly core: Core;
  readonly notices: Notices;
  readonly l2: L2 | null;
  readonly policies: Policies;
  readonly events: Events;
  readonly cloud: Cloud;
  readonly canaries: Canaries;
  readonly allowlist: Allowlist;
  readonly anomalies: Anomalies;
  readonly judging: Judging;
  readonly backlog: Backlog;
}

/**
 * Makes them.
 *
 * @throws as the constructor of a Shield
 */
export function makeParts(options: ShieldOptions): Parts {
  const notices = new Notices(options);
  const core = new Core(() => fingerprintKey(options.apiKey), options.customPatterns);
  const fingerprint = textFingerprint(() => fingerprintKey(options.apiKey));
  const allowlist = new Allowlist();
  const policies = new Policies(core, policySources(options), options.defaultRateLimitPerMinute);
  const judging = new Judging(options, fingerprint, (finding, agentId) => allowlist.has(finding, agentId));
  const debug = (line: string): void => {
    if (options.debug) printDebug(`@runesec/scanner: ${line}`);
  };
  return {
    options,
    core,
    notices,
    l2: options.l2 && new L2(core, options.l2, (cause, message) => notices.warn(cause, message)),
    policies,
    events: new Events(
      { ...options, fetch: options.fetch ?? null, isObserved: options.onEvent !== undefined },
      { event: (event) => notices.event(event), warn: (cause, message) => notices.warn(cause, message), debug },
    ),
    cloud: new Cloud(
      policies,
      { ...options, fetch: options.fetch ?? null },
      {
        allow: (entries) => allowlist.replaceSynced(entries),
        warn: (cause, message, error) => notices.warn(cause, message, error),
        debug,
      },
    ),
    canaries: new Canaries(),
    allowlist,
    anomalies: new Anomalies(fingerprint),
    judging,
    backlog: new Backlog(judging, options.scanTimeoutMs),
  };
}

/** The documents of a configuration: its texts, then those of its directory. */
function policySources({ policies, localPoliciesPath }: ShieldOptions): PolicySource[] {
  const texts = policies.map((yaml, index) => textSource(`policies[${index}]`, yaml));
  return localPoliciesPath === null ? texts : [...texts, ...readDirectory(localPoliciesPath)];
}

/** A policy's text, with what messages call it. */
export function textSource(label: string, yaml: unknown): PolicySource {
  if (typeof yaml !== "string") throw new ConfigurationError(`${label} must be a YAML text, got ${kindOf(yaml)}`);
  return { label, file: null, yaml };
}
