import { Shield } from "@runesec/scanner";
import { readArguments } from "./arguments.js";
import { jsonOf } from "./json.js";
import { painter } from "./paint.js";
import { jsonPart, type Scan, textReport } from "./report.js";
import { sarifLog, sarifPart } from "./sarif.js";
import { attempt, EXIT, readSource, reasonOf, UsageError, WIDTH, type World } from "./world.js";

const OPTIONS = { format: ["text", "json", "sarif"], direction: ["input", "output"], "no-text": "switch" } as const;
/** What no text holds. */
const NUL = "\0";
const ERASE_LINE = "\r\u001b[K";

/** A file to scan. */
interface Source {
  readonly file: string;
  /** Whether it was named, and not only the directory that it is in. */
  readonly isNamed: boolean;
}

/** How a scan is told: file by file, or at the end. */
interface Format {
  tell(scan: Scan, source: Source): void;
  finish(hasFailed: boolean): void;
}

/** `scan path…|-`: scans files in full, however long, and reports. A file that cannot be read does not stop the others. */
export async function scan(argv: readonly string[], world: World): Promise<number> {
  const { files, options } = readArguments(argv, OPTIONS);
  if (files.length === 0) throw new UsageError("no file given; `-` reads standard input");
  const direction = options["direction"] === "output" ? "output" : "input";
  const format = formatOf(world, options["format"], options["no-text"] === undefined);
  const shield = new Shield({
    maxInputChars: Number.MAX_SAFE_INTEGER,
    eventsEnabled: false,
    onWarning: ({ message }) => world.stderr(`scan: ${message}\n`),
  });

  let [hasFailed, isBlocked] = [false, false];
  const sources = await Promise.all(files.map((path) => attempt(world, "scan", () => sourcesAt(world, path))));
  const all = sources.flatMap((found) => found ?? []);
  for (const [number, source] of all.entries()) {
    if (world.isWatched && all.length > 1) world.stderr(`${ERASE_LINE}${number + 1} of ${all.length}`);
    const text = await attempt(world, "scan", () => readSource(world, source.file));
    if (world.isWatched && all.length > 1) world.stderr(ERASE_LINE);
    if (text === null) hasFailed = true;
    else if (source.isNamed || !text.includes(NUL)) {
      const result = shield.scanInput(text, { direction });
      format.tell({ file: source.file === "-" ? "stdin" : source.file, text, result }, source);
      isBlocked ||= result.blocked;
    }
  }
  hasFailed ||= sources.includes(null);
  format.finish(hasFailed);
  if (hasFailed) return EXIT.failed;
  return isBlocked ? EXIT.blocked : EXIT.clean;
}

/**
 * The file itself, or those in a directory.
 *
 * @throws {UsageError} when a directory cannot be read
 */
async function sourcesAt(world: World, path: string): Promise<readonly Source[]> {
  const named = [{ file: path, isNamed: true }];
  if (path === "-") return named;
  try {
    return (await world.readTree(path)).map((file) => ({ file, isNamed: false }));
  } catch (error) {
    // Whether a file is there is seen when it is read.
    if (["ENOTDIR", "ENOENT"].includes((error as { code?: string }).code ?? "")) return named;
    throw new UsageError(`cannot read \`${path}\`: ${reasonOf(error)}`);
  }
}

function formatOf(world: World, name: string | true | undefined, showsText: boolean): Format {
  if (name === "json") {
    return collected(world, jsonPart, (files) => ({ blocked: files.some(({ blocked }) => blocked), files }));
  }
  if (name === "sarif") return collected(world, sarifPart, sarifLog);
  const style = { paint: painter(world.hasColour), showsText, width: WIDTH };
  return {
    // Of a directory only those files are worth a line in which there is something.
    tell: (done, { isNamed }) => {
      const { threatsDetected, failedOpen } = done.result;
      if (isNamed || threatsDetected.length > 0 || failedOpen !== null) world.stdout(textReport(done, style));
    },
    finish: () => undefined,
  };
}

/** A report for programs, which is written when all of its parts are known. */
function collected<Part>(
  world: World,
  partOf: (done: Scan) => Part,
  reportOf: (parts: readonly Part[], hasFailed: boolean) => object,
): Format {
  const parts: Part[] = [];
  return {
    tell: (done) => void parts.push(partOf(done)),
    finish: (hasFailed) => world.stdout(jsonOf(reportOf(parts, hasFailed))),
  };
}
