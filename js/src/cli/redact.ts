import { ConfigurationError, type RedactStyle, Shield } from "@runesec/scanner";
import { readArguments } from "./arguments.js";
import { EXIT, readSource, UsageError, type World } from "./world.js";

const STYLES = ["redacted", "typed", "mask", "hash", "remove"] as const satisfies readonly RedactStyle[];
const OPTIONS = { style: STYLES, patterns: "text" } as const;

/** `redact [file|-]`: writes the text to standard output with personal data and secrets replaced. */
export async function redact(argv: readonly string[], world: World): Promise<number> {
  const { files, options } = readArguments(argv, OPTIONS);
  if (files.length > 1) throw new UsageError(`one file at a time, got ${files.length}`);
  const style = STYLES.find((each) => each === options["style"]);
  const { patterns } = options;
  const shield = new Shield({ eventsEnabled: false, onWarning: ({ message }) => world.stderr(`redact: ${message}\n`) });
  const text = await readSource(world, files[0] ?? "-");
  try {
    world.stdout(
      shield.redact(text, { style, patterns: typeof patterns === "string" ? patterns.split(",") : undefined }),
    );
  } catch (error) {
    if (!ConfigurationError.isInstance(error)) throw error;
    throw new UsageError(error.message);
  }
  return EXIT.clean;
}
