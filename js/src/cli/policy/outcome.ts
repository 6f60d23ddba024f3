import {
  type Action,
  type Finding,
  type PolicyCase,
  type PolicyCaseCall,
  RuneError,
  Shield,
  type Violation,
} from "@runesec/scanner";
import { UsageError } from "../world.js";

/** What somebody does. */
export type Deed = Pick<PolicyCase, "agent" | "tags" | "session" | "before" | "call" | "text" | "direction">;

/** What policies say about one case. */
export interface Outcome {
  readonly action: Action;
  /** What fired, strictest first. */
  readonly violations: readonly Violation[];
  /** Why not all was checked; null when all was. */
  readonly failedOpen: string | null;
}

/**
 * What policies say about a deed. Nothing is counted before it but its own calls.
 *
 * @param policies documents
 * @param onFinding called for what is found in texts
 * @throws {ConfigurationError} when it names an agent, a session or a tool by an empty text
 */
export function outcomeOf(policies: readonly string[], deed: Deed, onFinding?: (finding: Finding) => void): Outcome {
  const maxInputChars = Number.MAX_SAFE_INTEGER;
  const shield = new Shield({ policies, maxInputChars, eventsEnabled: false, onWarning: () => {}, onFinding });
  const subject = {
    agentId: deed.agent ?? undefined,
    agentTags: deed.tags,
    sessionId: deed.session ?? undefined,
  };
  if (deed.call === null) {
    const direction = deed.direction ?? "input";
    const { actionTaken, violations, failedOpen } = shield.scanInput(deed.text ?? "", { ...subject, direction });
    return { action: actionTaken, violations, failedOpen };
  }
  const make = ({ action, params }: PolicyCaseCall): Outcome => {
    const { actionTaken, violations, failedOpen } = shield.validateAction({ ...subject, action, params });
    return { action: actionTaken, violations, failedOpen };
  };
  for (const call of deed.before) for (let time = 0; time < call.times; time++) make(call);
  for (let time = 1; time < deed.call.times; time++) make(deed.call);
  return make(deed.call);
}

/**
 * What policies say about a case of a file.
 *
 * @throws {UsageError} when it says something that no call can
 */
export function outcomeAt(file: string, trial: PolicyCase, policies: readonly string[]): Outcome {
  try {
    return outcomeOf(policies, trial);
  } catch (error) {
    if (!RuneError.isInstance(error)) throw error;
    throw new UsageError(`${file}:${trial.line}: case \`${trial.name}\`: ${error.message}`);
  }
}

/** What people call what fired: its rule, or what was found where no rule speaks. */
export function violationName({ policy, rule, kind }: Pick<Violation, "policy" | "rule" | "kind">): string {
  return rule === null ? `no rule: ${kind}` : `${policy}/${rule}`;
}

/** What fired, in one line. An action is named where it is not the one that was taken. */
export function firedText({ action, violations }: Outcome): string {
  return violations
    .map((each) => (each.action === action ? violationName(each) : `${violationName(each)} (${each.action})`))
    .join(", ");
}

/** What was taken, and why it may be worth less than it seems. */
export function actionText({ action, failedOpen }: Outcome): string {
  return failedOpen === null ? action : `${action}, not all was checked: ${failedOpen}`;
}

/** What programs are told of an outcome. */
export function outcomeJson({ action, violations, failedOpen }: Outcome): object {
  return { action, failedOpen, violations };
}
