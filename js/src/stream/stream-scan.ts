import { openCatalog, weightsOf } from "../catalog.js";
import { nowMs } from "../clock.js";
import { type StreamHold, TRAPPED, weigh } from "../engine.js";
import { RuneError } from "../errors.js";
import type { WaitUntil } from "../http/wait-until.js";
import type { Parts } from "../parts.js";
import { readReport, readVerdict } from "../scan/report.js";
import { isThreat, riskOf, stricter } from "../scan/result.js";
import { type Cause, gravestFirst } from "../scan/scan.js";
import type { Scans } from "../scans.js";
import type { Finding, FindingContext, Layer, LayerResult, ScanResult } from "../types.js";

/** Threats are looked for whenever so many UTF-16 units have come, */
const STRIDE = 192;
/** among those that end so many units back or further: what stands behind a threat may lower it. */
const AHEAD = 64;
/** How much is looked at each time, and how much where something is found: talk about attacks may surround it. */
const WINDOW = 512;
const WIDE_WINDOW = 2_048;
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
  #layersExecuted: readonly Layer[] = [];
  #l2Result: LayerResult | null = null;
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
      const piece = rest.length < left ? rest : upTo(left, rest);
      rest = rest.slice(piece.length);
      const isCheckpoint = piece.length >= left;
      out += this.#take(piece, isCheckpoint ? "checkpoint" : "more");
      if (isCheckpoint && !this.#isOver) out += this.#search(this.#searched + STRIDE);
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
    let out = this.#take(this.#half, "checkpoint");
    if (!this.#isOver) out += this.#search(this.#length);
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
    const l2Risk = riskOf(findings.filter(({ layer }) => layer === "l2"));
    const outcome = {
      findings,
      l1Result,
      l2Result: this.#l2Result,
      l3Result: null,
      riskScore: 1 - (1 - riskScore) * (1 - l2Risk),
      layersExecuted: this.#layersExecuted,
      // What was handed on is that.
      sanitizedContent: null,
      contentLength: this.#length,
      causes: gravestFirst(this.#causes),
    };
    return this.#scans.conclude(outcome, this.#context, this.#startedMs, waitUntil);
  }

  /** Gives a piece to the core; what can be handed on now. */
  #take(piece: string, next: keyof typeof NEXT): string {
    this.#length += piece.length;
    this.#window = (this.#window + piece).slice(-WIDE_WINDOW);
    const taken = this.#core.run((stream, scanner) => {
      const text = stream.push(scanner, piece, NEXT[next]);
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
      if (this.#note(inside.map((finding) => ({ ...finding, ...moved(finding, offset) })))) return out;
      out += REPLACEMENT;
    }
    return out + text.slice(done);
  }

  /** Looks for threats that end up to there and behind where threats were looked for before; what is handed on because of one. */
  #search(until: number): string {
    let threats = this.#threats(until, WINDOW);
    if (threats.length > 0) threats = this.#threats(until, WIDE_WINDOW);
    this.#searched = until;
    const [first] = threats;
    if (first !== undefined && this.#note(threats)) {
      const held = first.start - this.#released;
      if (held <= 0) return "";
      this.#isOver = false;
      this.#core.run((stream) => stream.cut(held));
      const out = this.#take("", "end");
      this.#isOver = true;
      return out;
    }
    this.#core.run((stream) => stream.pass(AHEAD));
    return "";
  }

  #threats(until: number, width: number): Finding[] {
    const text = this.#window.slice(-width);
    const offset = this.#length - text.length;
    const { direction, agentId } = this.#context;
    const outcome = this.#scans.outcomeOfWindow(text, direction, agentId);
    this.#layersExecuted = outcome.layersExecuted;
    this.#l2Result = stricter(this.#l2Result, outcome.l2Result);
    for (const cause of outcome.causes) this.#causes.add(cause);
    return outcome.findings
      .filter(({ type }) => isThreat(type))
      .map((finding) => ({ ...finding, ...moved(finding, offset) }))
      .filter(({ end }) => this.#searched < end && end <= until);
  }

  /** Notes findings; whether they end the text. */
  #note(findings: readonly Finding[]): boolean {
    const { agentId } = this.#context;
    const meant = findings.filter((finding) => !this.#parts.allowlist.has(finding, agentId));
    this.#findings.push(...meant);
    const subject = { ...this.#context, policies: null };
    const { action } = this.#scans.judge({ findings: meant }, subject);
    this.#isOver = action === "block" && !this.#parts.options.dryRun;
    return this.#isOver;
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

/** The first so many units, and one more if that would cut a character in halves. */
function upTo(units: number, text: string): string {
  const cutsCharacter = /[\uD800-\uDBFF]/.test(text[units - 1] ?? "") && /[\uDC00-\uDFFF]/.test(text[units] ?? "");
  return text.slice(0, cutsCharacter ? units + 1 : units);
}

function moved({ start, end }: Finding, offset: number): Pick<Finding, "start" | "end"> {
  return { start: start + offset, end: end + offset };
}

function pairs(numbers: Uint32Array): (readonly [number, number])[] {
  return Array.from({ length: numbers.length / 2 }, (_, n) => [numbers[2 * n] ?? 0, numbers[2 * n + 1] ?? 0] as const);
}
