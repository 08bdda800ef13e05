/**
 * Tells the operator of links that arrived and were refused, and never more often than a person or a log can take.
 *
 * A stranger decides how many links it opens, so it must not decide how many events there are. Limit: `refusalsToldMax` in
 * a second, each as it happens; the rest of that second becomes one event at its end, with their number and the last of
 * them. Nothing else is kept.
 */
import type { MessengerEvent } from './events.ts'
import type { LinkPort } from './link-port.ts'
import type { Clock } from './runtime.ts'

type Refusal = Extract<MessengerEvent, { type: 'linkRefused' }>

const SECOND_MS = 1000

export class Refusals {
  readonly #clock: Clock
  readonly #toldMax: number
  readonly #report: (event: Refusal) => void
  #secondEndsMs = -Infinity
  #told = 0
  /** The last that was not told, with the number of all of them. */
  #withheld: Refusal | null = null
  #timer: unknown = null

  constructor(clock: Clock, toldMax: number, report: (event: Refusal) => void) {
    this.#clock = clock
    this.#toldMax = toldMax
    this.#report = report
  }

  /** This link was refused. */
  tell(port: LinkPort, reason: string): void {
    this.#add({ type: 'linkRefused', address: port.link.remoteAddress, local: port.local, reason, count: 1 })
  }

  /** A link arrived at `local`, and the transport could not take it. */
  missed(local: string, reason: string): void {
    this.#add({ type: 'linkRefused', address: '', local, reason, count: 1 })
  }

  /** Tells what is left. */
  flush(): void {
    this.#clock.clearTimer(this.#timer)
    this.#timer = null
    const rest = this.#withheld
    this.#withheld = null
    if (rest !== null) this.#report(rest)
  }

  #add(refusal: Refusal): void {
    const nowMs = this.#clock.nowMs()
    if (nowMs >= this.#secondEndsMs && this.#withheld === null) {
      this.#secondEndsMs = nowMs + SECOND_MS
      this.#told = 0
    }
    if (this.#told < this.#toldMax) {
      this.#told++
      this.#report(refusal)
      return
    }
    this.#withheld = { ...refusal, count: (this.#withheld?.count ?? 0) + 1 }
    this.#timer ??= this.#clock.setTimer(() => this.flush(), this.#secondEndsMs - nowMs)
  }
}
