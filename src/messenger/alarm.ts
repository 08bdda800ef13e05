/**
 * One timer that is set anew only when the next deadline comes earlier: a deadline that moves away costs nothing until the
 * old one rings, and whoever it rings for sets it again.
 */
import type { Clock } from './runtime.ts'

export interface AlarmOwner {
  /** The alarm rang; it is not set any more. */
  rung(): void
}

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #timer: unknown = null
  #atMs = Infinity

  constructor(clock: Clock, owner: AlarmOwner) {
    this.#clock = clock
    this.#ring = () => {
      this.#atMs = Infinity
      owner.rung()
    }
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
    this.#timer = this.#clock.setTimer(this.#ring, deadlineMs - this.#clock.nowMs())
  }

  clear(): void {
    this.#clock.clearTimer(this.#timer)
    this.#atMs = Infinity
  }
}
