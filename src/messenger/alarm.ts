/**
 * One timer that is set anew only when the next deadline comes earlier: a deadline that moves away costs nothing until the
 * old one rings, and whoever it rings for sets it again.
 *
 * A timer that comes late says that this process stood still, not that its peers did: what they sent meanwhile lies in the
 * sockets. So a late alarm rings in the next turn, when that was read; by then it may be nothing that it rings for.
 */
import type { Clock } from './runtime.ts'

export interface AlarmOwner {
  /** The alarm rang; it is not set any more. */
  rung(): void
}

/** Later than this is late: longer than a turn of the event loop takes by the default limits. */
const LATE_MS = 5

export class Alarm {
  readonly #clock: Clock
  readonly #owner: AlarmOwner
  readonly #fire = (): void => this.#fired()
  readonly #ring = (): void => this.#rung()
  #timer: unknown = null
  #atMs = Infinity

  constructor(clock: Clock, owner: AlarmOwner) {
    this.#clock = clock
    this.#owner = owner
  }

  /** When it rings, in ms of the clock; Infinity: not at all. */
  get atMs(): number {
    return this.#atMs
  }

  /** Rings at this time at the latest. */
  ringBy(deadlineMs: number): void {
    if (deadlineMs >= this.#atMs) return
    this.clear()
    this.#atMs = deadlineMs
    this.#timer = this.#clock.setTimer(this.#fire, deadlineMs - this.#clock.nowMs())
  }

  clear(): void {
    this.#clock.clearTimer(this.#timer)
    this.#atMs = Infinity
  }

  #fired(): void {
    if (this.#clock.nowMs() - this.#atMs > LATE_MS) this.#clock.later(this.#ring)
    else this.#rung()
  }

  #rung(): void {
    // Cleared since it fired.
    if (this.#atMs === Infinity) return
    this.clear()
    this.#owner.rung()
  }
}
