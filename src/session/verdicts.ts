/**
 * What one side has to say about messages that failed: kept until the sender is known to have it, whatever links do.
 *
 * Verdicts are numbered from 1 within a session. A link is told each before any mark that passes its message; a new link
 * is told all again that the sender has not confirmed, and until then the marks of its handshake stay below them, so that
 * no failure is ever taken for an ack. Limit: VERDICTS_MAX; when so many are kept, a message that fails stays unfinished
 * and keeps its credit until the sender confirms: a peer that never does is given nothing more.
 */
import type { Verdict } from '../wire/verdict.ts'

export const VERDICTS_MAX = 1024

/** Of all sessions in which none has failed. Never written to. */
const NONE: Verdict[] = []

export class Verdicts {
  #kept = NONE
  /** So many came before the first that is kept: the peer has confirmed them. */
  #confirmed = 0

  get isFull(): boolean {
    return this.#kept.length >= VERDICTS_MAX
  }

  get confirmed(): number {
    return this.#confirmed
  }

  /** The number of the last one. */
  get last(): number {
    return this.#confirmed + this.#kept.length
  }

  add(verdict: Verdict): void {
    if (this.#kept === NONE) this.#kept = []
    this.#kept.push(verdict)
  }

  /** Those behind number `told`, at most so many; what is confirmed is not told again. */
  behind(told: number, most: number): readonly Verdict[] {
    const first = told - this.#confirmed
    return this.#kept.slice(first, first + most)
  }

  /** The peer has the first so many of this session. */
  confirm(count: number): void {
    if (count <= this.#confirmed) return
    this.#kept = this.#kept.slice(count - this.#confirmed)
    this.#confirmed = count
  }

  /** The highest processed mark that says nothing of a message whose sender may not know its verdict. */
  ceiling(lane: number): number {
    let least = Infinity
    for (const verdict of this.#kept) if (verdict.lane === lane && verdict.seq < least) least = verdict.seq
    return least - 1
  }

  /** All of it as plain data; see Session.save. */
  save() {
    return { kept: [...this.#kept], confirmed: this.#confirmed }
  }

  restore(saved: ReturnType<Verdicts['save']>): void {
    this.#kept = [...saved.kept]
    this.#confirmed = saved.confirmed
  }
}
