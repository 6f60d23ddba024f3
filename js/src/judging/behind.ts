import type { ScanResult } from "../types.js";
import type { Backlog } from "./backlog.js";
import type { Judged, Unjudged } from "./judging.js";

/** The scans of one call, which are judged while it runs or after it, and what is done when all of them are. */
export class Behind {
  readonly #backlog: Backlog;
  readonly #scans: (() => ScanResult)[] = [];
  #pending = 0;
  #report: ((scans: readonly ScanResult[]) => void) | null = null;

  constructor(backlog: Backlog) {
    this.#backlog = backlog;
  }

  /**
   * Adds a scan.
   *
   * @param scan what it came to
   * @param unjudged what the judge is to look at; null when nothing is
   * @param conclude what the scan came to with the judge's part
   */
  add(scan: () => ScanResult, unjudged: Unjudged | null = null, conclude: (judged: Judged) => ScanResult = scan): void {
    const index = this.#scans.push(scan) - 1;
    if (unjudged === null) return;
    this.#pending += 1;
    this.#backlog.add(unjudged, (judged) => {
      const result = conclude(judged);
      this.#scans[index] = () => result;
      this.#pending -= 1;
      this.#tell();
    });
  }

  /** @param report called once, at once when nothing is judged, with what each scan came to in the end */
  whenJudged(report: (scans: readonly ScanResult[]) => void): void {
    this.#report = report;
    this.#tell();
  }

  #tell(): void {
    const report = this.#report;
    if (report === null || this.#pending > 0) return;
    this.#report = null;
    report(this.#scans.map((scan) => scan()));
  }
}
