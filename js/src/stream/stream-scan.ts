import { openCatalog, weightsOf } from "../catalog.js";
import { nowMs } from "../clock.js";
import { type StreamHold, TRAPPED, weigh } from "../engine.js";
import { RuneError } from "../errors.js";
import type { WaitUntil } from "../http/wait-until.js";
import type { Parts } from "../parts.js";
import { readReport, readVerdict } from "../scan/report.js";
import { riskOf } from "../scan/result.js";
import { type Cause, gravestFirst } from "../scan/scan.js";
import { l2ResultOf } from "../scan/similar.js";
import type { Scans } from "../scans.js";
import type { Finding, FindingContext, ScanResult } from "../types.js";

/** Threats are looked for whenever so many UTF-16 units have come, */
const STRIDE = 192;
/** among those that end so many units back or further: what stands behind a threat may lower it. */
const AHEAD = 64;
/** How much is looked at each time, and how much where something is found: talk about attacks may surround it. */
const WINDOW = 512;
const WIDE_WINDOW = 2_048;
/** Most that is taken at once where nothing is found, and most that may be held back then: the core gives up what is open for long. */
const STRETCH = 4_096;
const FEW = 1_024;
const REPLACEMENT = "[REDACTED]";
const NEXT = { more: 0, checkpoint: 1, end: 2 } as const;

/**
 * The scan of a text that arrives in chunks. What it hands on is what `redact` makes of the whole. Threats are looked for at
 * places that do not depend on how the text is cut, at most `STRIDE + AHEAD` units behind them.
 */
export class StreamScan {
  readonly #parts: Parts;
  readonly #scans: Scans;
  readonly #context: FindingContext;
  readonly #core: StreamHold;
  readonly #startedMs = nowMs();
  readonly #findings: Finding[] = [];
  readonly #causes = new Set<Cause>();
  /** The first half of a character whose second half has not come. */
  #half = "";
  /** The latest part of the text. */
  #window = "";
  /** How many UTF-16 units came; were handed on, as they came; and were searched for threats. */
  #length = 0;
  #released = 0;
  #searched = 0;
  #isOver = false;

  constructor(parts: Parts, scans: Scans, context: FindingContext) {
    this.#parts = parts;
    this.#scans = scans;
    this.#context = context;
    this.#core = parts.core.openStream();
  }

  /** Whether nothing is read any more, since something was found that ends the text. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** UTF-16 units that came. */
  get length(): number {
    return this.#length;
  }

  /**
   * Takes a chunk.
   *
   * @returns what can be handed on now
   * @throws {StreamFailure} when the core fails or cannot search all of the text
   */
  push(chunk: string): string {
    const all = this.#half + chunk;
    this.#half = /[\uD800-\uDBFF]$/.test(all) ? all.slice(-1) : "";
    let rest = all.slice(0, all.length - this.#half.length);
    let out = "";
    while (rest !== "" && !this.#isOver) {
      const left = this.#searched + STRIDE + AHEAD - this.#length;
      const quiet = rest.length < left ? 0 : this.#quietUnits(rest);
      const piece = rest.slice(0, quiet || upTo(left, rest));
      rest = rest.slice(piece.length);
      if (piece.length < left) out += this.#take(piece, "more");
      else if (quiet > 0) out += this.#takeQuiet(piece);
      else out += this.#takeSearched(piece, this.#searched + STRIDE);
    }
    return out;
  }

  /**
   * Ends the text.
   *
   * @returns what remains to be handed on
   * @throws {StreamFailure} as `push`
   */
  end(): string {
    let out = this.#takeSearched(this.#half, this.#length + this.#half.length);
    if (!this.#isOver) out += this.#take("", "end");
    return out;
  }

  /** What all that was found comes to, counted and told. Nothing is read any more. */
  conclude(failure: Cause | null, waitUntil: WaitUntil | undefined): ScanResult {
    this.#isOver = true;
    this.#core.free();
    if (failure !== null) this.#causes.add(failure);
    const findings = [...this.#findings].sort((a, b) => a.start - b.start);
    const l1 = findings.filter(({ layer }) => layer === "l1");
    const weighed = weigh(Float64Array.from(l1.flatMap(weightsOf)));
    if (weighed === TRAPPED) this.#causes.add("trap");
    const { l1Result, riskScore } = readVerdict(weighed === TRAPPED ? new Float64Array() : weighed);
    const similar = findings.filter(({ layer }) => layer === "l2");
    const { l2 } = this.#parts;
    const outcome = {
      findings,
      l1Result,
      l2Result: l2?.cause === null ? l2ResultOf(similar, l2.blockThreshold) : null,
      l3Result: null,
      riskScore: 1 - (1 - riskScore) * (1 - riskOf(similar)),
      layersExecuted: this.#scans.layers,
      // What was handed on is that.
      sanitizedContent: null,
      contentLength: this.#length,
      causes: gravestFirst(this.#causes),
    };
    return this.#scans.conclude(outcome, this.#context, this.#startedMs, waitUntil);
  }

  /** How many of these units lie before the last place where threats are looked for, as long as there are none. */
  #quietUnits(rest: string): number {
    if (this.#length - this.#released > FEW) return 0;
    const text = this.#window + rest.slice(0, upTo(STRETCH, rest));
    const offset = this.#length - this.#window.length;
    let quiet = 0;
    for (let searched = this.#searched; ; searched += STRIDE) {
      const end = upTo(searched + STRIDE + AHEAD - offset, text);
      if (end > text.length || this.#scan(text.slice(0, end), WINDOW).length > 0) return quiet;
      quiet = end - this.#window.length;
    }
  }

  /** Takes a piece without threats; what can be handed on now. */
  #takeQuiet(piece: string): string {
    const out = this.#take(piece, "checkpoint", AHEAD);
    while (this.#searched + STRIDE + AHEAD <= this.#length) this.#searched += STRIDE;
    return out;
  }

  /** Takes a piece, and notes the threats that end up to there and behind where others were looked for; what can be handed on now. */
  #takeSearched(piece: string, until: number): string {
    const threats = this.#threats(this.#window + piece, this.#length + piece.length, until);
    const areEnd = this.#areEnd(threats);
    let out = this.#take(piece, "checkpoint", areEnd ? undefined : AHEAD);
    if (this.#isOver) return out;
    this.#searched = until;
    this.#findings.push(...threats);
    if (!areEnd) return out;
    const held = (threats[0]?.start ?? 0) - this.#released;
    if (held > 0) {
      this.#core.run((stream) => stream.cut(held));
      out += this.#take("", "end");
    }
    this.#isOver = true;
    return out;
  }

  /**
   * Gives a piece to the core; what can be handed on now.
   *
   * @param undecided how far before the end of the piece, or less far, threats end about which nothing is decided
   */
  #take(piece: string, next: keyof typeof NEXT, undecided?: number): string {
    this.#length += piece.length;
    this.#window = (this.#window + piece).slice(-WIDE_WINDOW);
    const taken = this.#core.run((stream, scanner) => {
      const text = stream.push(scanner, piece, NEXT[next], undecided);
      const numbers = stream.findings();
      if (text === undefined || numbers === undefined) return { text, findings: [], replaced: [] };
      const { findings } = readReport(numbers, openCatalog(this.#parts.core, scanner));
      return { text, findings, replaced: pairs(stream.replaced()) };
    });
    if (taken === TRAPPED) throw new StreamFailure("trap", "the core failed");
    const { text, findings, replaced } = taken;
    if (text === undefined) throw new StreamFailure("work_limit", "searching all of it would take too long");
    const offset = this.#released;
    this.#released += text.length;
    let out = "";
    let done = 0;
    for (const [start, end] of replaced) {
      out += text.slice(done, start);
      done = end;
      const inside = findings.filter((finding) => start <= finding.start && finding.end <= end);
      if (this.#note(inside.map((finding) => moved(finding, offset)))) return out;
      out += REPLACEMENT;
    }
    return out + text.slice(done);
  }

  /** The threats at the end of a text, where its last unit has number `length`, that end up to `until` and were not looked for before. */
  #threats(text: string, length: number, until: number): Finding[] {
    const isNew = ({ end }: Finding): boolean => this.#searched < end && end <= until;
    const found = (width: number): Finding[] => {
      const offset = length - Math.min(width, text.length);
      return this.#scan(text, width)
        .map((finding) => moved(finding, offset))
        .filter(isNew);
    };
    return found(WINDOW).length > 0 ? found(WIDE_WINDOW) : [];
  }

  /** The threats in the last so many units of a text. */
  #scan(text: string, width: number): readonly Finding[] {
    const { direction, agentId } = this.#context;
    const outcome = this.#scans.threatsIn(text.slice(-width), direction, agentId);
    for (const cause of outcome.causes) this.#causes.add(cause);
    return outcome.findings;
  }

  /** Notes personal data and secrets; whether they end the text. */
  #note(findings: readonly Finding[]): boolean {
    const meant = findings.filter((finding) => !this.#parts.allowlist.has(finding, this.#context.agentId));
    this.#findings.push(...meant);
    this.#isOver = this.#areEnd(meant);
    return this.#isOver;
  }

  /** Whether these findings end the text. */
  #areEnd(findings: readonly Finding[]): boolean {
    const { action } = this.#scans.judge({ findings }, { ...this.#context, policies: null });
    return action === "block" && !this.#parts.options.dryRun;
  }
}

/** Why a text cannot be read any further; nothing of what was held back may be handed on. */
export class StreamFailure extends RuneError {
  readonly failure: Cause;

  constructor(failure: Cause, reason: string) {
    super("core_failed", `the stream could not be redacted: ${reason}`);
    this.failure = failure;
  }
}

/** So many units, or one more if they would cut a character of the text in halves. */
function upTo(units: number, text: string): number {
  const cutsCharacter = /[\uD800-\uDBFF]/.test(text[units - 1] ?? "") && /[\uDC00-\uDFFF]/.test(text[units] ?? "");
  return cutsCharacter ? units + 1 : units;
}

function moved(finding: Finding, offset: number): Finding {
  return { ...finding, start: finding.start + offset, end: finding.end + offset };
}

function pairs(numbers: Uint32Array): (readonly [number, number])[] {
  return Array.from({ length: numbers.length / 2 }, (_, n) => [numbers[2 * n] ?? 0, numbers[2 * n + 1] ?? 0] as const);
}
