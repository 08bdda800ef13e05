/**
 * So many in a second, and as many at once after a rest: a bucket that fills as time passes. Pure: time is an input.
 */
const SECOND_MS = 1000

export class Rate {
  readonly #perSecond: number
  #left: number
  #countedMs = -Infinity

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#left = perSecond
  }

  /** Counts one more. False: there were too many. */
  take(nowMs: number): boolean {
    const back = ((nowMs - this.#countedMs) / SECOND_MS) * this.#perSecond
    this.#left = Math.min(this.#perSecond, this.#left + back)
    this.#countedMs = nowMs
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
