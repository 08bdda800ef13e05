/**
 * How many answers wait while their requests are still being read: the peer gets the first of them early and works on them
 * while we work on the rest. Twice as many each time, so that a long read costs few writes more.
 */
const EARLY_MESSAGES = 16

export class EarlyFlush {
  #queued = 0
  /** How many make the next early flush; Infinity outside of a read. */
  #enough = Infinity

  /** A read begins. */
  begin(): void {
    this.#queued = 0
    this.#enough = EARLY_MESSAGES
  }

  /** A message was queued. True: what waits leaves now. */
  isDue(): boolean {
    if (++this.#queued < this.#enough) return false
    this.#queued = 0
    this.#enough *= 2
    return true
  }

  /** All of the read is handled: what waits leaves at the end of the turn. */
  end(): void {
    this.#enough = Infinity
  }
}
