/**
 * A thread whose loop looks and sleeps as a PollPace says, in simulated time: what it costs, and how it takes what comes.
 *
 * A look takes `lookMs`. While it is awake the thread gets `share` of the processor by its clock, and the processor is taken
 * from it every `takenEveryMs`.
 */
import { PollPace, type Usage } from '../../src/transports/poll-pace.ts'

export class PollingThread {
  readonly lookMs = 0.002
  share: number
  readonly #takenEveryMs: number
  readonly pace = new PollPace(() => this.#usage)
  awakeMs = 0
  looks = 0
  /** Reads that were slept for. */
  sleeps = 0
  #nowMs = 0
  #cpuMs = 0
  #looking = false

  constructor({ share = 1, takenEveryMs = Infinity } = {}) {
    this.share = share
    this.#takenEveryMs = takenEveryMs
  }

  get #usage(): Usage {
    return { cpuMs: this.#cpuMs, taken: Math.floor(this.awakeMs / this.#takenEveryMs) }
  }

  /** So many reads, so far apart. */
  readEvery(apartMs: number, count: number): void {
    for (let read = 0; read < count; read++) {
      this.passes(apartMs)
      if (this.#looking) this.#look(1)
      else {
        this.sleeps++
        this.#looking = this.pace.wakes(this.#nowMs)
      }
    }
  }

  /** Time without a read. */
  passes(forMs: number): void {
    const untilMs = this.#nowMs + forMs
    while (this.#looking && this.#nowMs + this.lookMs < untilMs) {
      this.#spend(this.lookMs)
      this.#look(0)
    }
    if (this.#looking) this.#spend(untilMs - this.#nowMs)
    else this.#nowMs = untilMs
  }

  #look(finds: number): void {
    this.looks++
    this.#looking = this.pace.looks(this.#nowMs, finds)
  }

  #spend(ms: number): void {
    this.#nowMs += ms
    this.awakeMs += ms
    this.#cpuMs += ms * this.share
  }
}
