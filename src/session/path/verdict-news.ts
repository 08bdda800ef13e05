/**
 * Verdicts on one link: which of ours the peer was told here, and whether it is to be told how many of its own have come.
 *
 * A link begins with what the peer had confirmed before, and is told all the rest again. What there is to say is the
 * inbound's, what the peer's mean for our messages the outbound's.
 */
import { VERDICTS_PER_FRAME } from '../../wire/verdict.ts'
import type { Verdict } from '../../wire/verdict.ts'
import type { Inbound } from '../inbound.ts'
import type { Outbound } from '../outbound.ts'

export class VerdictNews {
  readonly #inbound: Inbound
  readonly #outbound: Outbound
  /** The number of the last verdict that the peer was told here. */
  #told: number
  /** The peer is to be told how many of its verdicts came. */
  #owesTaken = false

  constructor(inbound: Inbound, outbound: Outbound) {
    this.#inbound = inbound
    this.#outbound = outbound
    this.#told = inbound.verdicts.confirmed
  }

  /** Those of the peer, the first with this number, and how many of ours it has. False: neither can be. */
  hear(first: number, verdicts: readonly Verdict[], taken: number): boolean {
    if (verdicts.length > 0) {
      if (!this.#outbound.judge(first, verdicts)) return false
      this.#owesTaken = true
    }
    return taken <= this.#told
  }

  /** True when verdicts of ours, or how many of the peer's are here, are to be said before anything else. */
  get owes(): boolean {
    return this.#told < this.#inbound.verdicts.last || this.#owesTaken
  }

  /** What is said next; see Wire.encodeFailed. */
  tell(): { readonly first: number; readonly verdicts: readonly Verdict[]; readonly taken: number } {
    const first = this.#told + 1
    const verdicts = this.#inbound.verdicts.behind(this.#told, VERDICTS_PER_FRAME)
    this.#told += verdicts.length
    this.#owesTaken = false
    return { first, verdicts, taken: this.#outbound.takenVerdicts }
  }

  /** All of it as plain data; see Session.save. */
  save() {
    return { told: this.#told, owesTaken: this.#owesTaken }
  }

  restore(saved: ReturnType<VerdictNews['save']>): void {
    this.#told = saved.told
    this.#owesTaken = saved.owesTaken
  }
}
