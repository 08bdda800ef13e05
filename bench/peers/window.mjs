/**
 * Backpressure for libraries that queue without bound: a round trip per window, and never more than two windows on the way.
 */
const MESSAGES = 4096
const BYTES = 1024 * 1024

export class Window {
  #messages = 0
  #bytes = 0
  #before = Promise.resolve()
  #roundTrip

  /** `roundTrip` resolves when all that was sent before has arrived. */
  constructor(roundTrip) {
    this.#roundTrip = roundTrip
  }

  /** To be called for every message; a promise is to be waited for. */
  sent(bytes) {
    this.#bytes += bytes
    if (++this.#messages < MESSAGES && this.#bytes < BYTES) return undefined
    this.#messages = 0
    this.#bytes = 0
    const before = this.#before
    this.#before = this.#roundTrip()
    return before
  }
}
