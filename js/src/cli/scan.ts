import { Shield } from "@runesec/scanner";
import { readArguments } from "./arguments.js";
import { painter } from "./paint.js";
import { jsonReport, type Scan, textReport } from "./report.js";
import { EXIT, readSource, UsageError, WIDTH, type World } from "./world.js";

const OPTIONS = { format: ["text", "json"], direction: ["input", "output"], "no-text": "switch" } as const;

/** `scan file…|-`: scans files in full, however long, and reports. A file that cannot be read does not stop the others. */
export async function scan(argv: readonly string[], world: World): Promise<number> {
  const { files, options } = readArguments(argv, OPTIONS);
  if (files.length === 0) throw new UsageError("no file given; `-` reads standard input");
  const direction = options["direction"] === "output" ? "output" : "input";
  const isText = options["format"] !== "json";
  const style = { paint: painter(world.hasColour), showsText: options["no-text"] === undefined, width: WIDTH };
  const shield = new Shield({
    maxInputChars: Number.MAX_SAFE_INTEGER,
    eventsEnabled: false,
    onWarning: ({ message }) => world.stderr(`scan: ${message}\n`),
  });

  const scans: Scan[] = [];
  let hasFailed = false;
  for (const file of files) {
    try {
      const text = await readSource(world, file);
      const done = { file: file === "-" ? "stdin" : file, text, result: shield.scanInput(text, { direction }) };
      scans.push(done);
      if (isText) world.stdout(textReport(done, style));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      hasFailed = true;
      world.stderr(`scan: ${error.message}\n`);
    }
  }
  if (!isText) world.stdout(jsonReport(scans));
  if (hasFailed) return EXIT.failed;
  return scans.some(({ result }) => result.blocked) ? EXIT.blocked : EXIT.clean;
}
