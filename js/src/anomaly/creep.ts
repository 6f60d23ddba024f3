/** The risk that calls may have on average without anybody being told, and how much more than that may add up (Page 1954). */
const ALLOWANCE = 0.15;
const LIMIT = 2;

/** Tells when risk adds up over a session of which no call is remarkable in itself. */
export class Creep {
  #excess = 0;

  /**
   * Takes in what the scan of a call came to.
   *
   * @param risk 0–1
   */
  note(risk: number): void {
    this.#excess = Math.max(0, this.#excess + risk - ALLOWANCE);
  }

  /** Whether too much has added up; told once, then it begins anew. */
  isRising(): boolean {
    if (this.#excess < LIMIT) return false;
    this.#excess = 0;
    return true;
  }
}
