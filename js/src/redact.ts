import { openCatalog, selectPatterns } from "./catalog.js";
import { type Core, type CoreScanner, TRAPPED } from "./engine.js";
import { ContentError, RuneError } from "./errors.js";
import { kindOf } from "./expectation.js";
import { checkRedactOptions } from "./options.js";
import type { RedactOptions, RedactStyle } from "./types.js";

const STYLES = { redacted: 0, typed: 1, mask: 2, hash: 3, remove: 4 } as const satisfies Record<RedactStyle, number>;

/**
 * The text with what was found replaced. However long the text is, all of it is read: half a redaction would pass for
 * a whole one.
 *
 * @param onTrap called when the core traps, before the one further try
 * @throws {RuneError} `core_failed` when the core traps twice or cannot search all of the text; unredacted text is
 * never returned
 */
export function redactText(core: Core, text: string, options: RedactOptions | undefined, onTrap: () => void): string {
  if (typeof text !== "string") throw new ContentError(`the text to redact must be a string, got ${kindOf(text)}`);
  checkRedactOptions(options);
  const style = STYLES[options?.style ?? "redacted"];
  const only =
    options?.patterns &&
    selectPatterns(
      options.patterns,
      tryTwice(core, (scanner) => openCatalog(core, scanner), onTrap),
    );
  const redacted = tryTwice(core, (scanner) => scanner.redact(text, style, only), onTrap);
  if (redacted === undefined) {
    throw new RuneError("core_failed", "the text could not be redacted: searching all of it would take too long");
  }
  return redacted;
}

/** What `work` comes to on the core, with one further try after a trap. */
function tryTwice<T>(core: Core, work: (scanner: CoreScanner) => T, onTrap: () => void): T {
  for (let attempt = 1; attempt <= 2; attempt++) {
    const outcome = core.run(work);
    if (outcome !== TRAPPED) return outcome;
    onTrap();
  }
  throw new RuneError("core_failed", "the text could not be redacted: the core failed twice");
}
