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

export class Verdicts {
  #kept: Verdict[] = []
  /** So many came before the first that is kept: the peer has confirmed them. */
  #confirmed = 0
  /** Of those that are kept, the link knows so many. */
  #told = 0

  get isFull(): boolean {
    return this.#kept.length >= VERDICTS_MAX
  }

  /** True when the link that carries the session has not been told all. */
  get untold(): boolean {
    return this.#told < this.#kept.length
  }

  add(verdict: Verdict): void {
    this.#kept.push(verdict)
  }

  /** The next ones to tell, at most so many, and the number of the first; they are told now. */
  tell(most: number): { readonly first: number; readonly verdicts: readonly Verdict[] } {
    const verdicts = this.#kept.slice(this.#told, this.#told + most)
    const first = this.#confirmed + this.#told + 1
    this.#told += verdicts.length
    return { first, verdicts }
  }

  /** The peer has the first so many of this session. False: it was never told so many. */
  confirm(count: number): boolean {
    const more = count - this.#confirmed
    if (more > this.#told) return false
    if (more <= 0) return true
    this.#kept = this.#kept.slice(more)
    this.#confirmed += more
    this.#told -= more
    return true
  }

  /** The highest processed mark that says nothing of a message whose sender may not know its verdict. */
  ceiling(lane: number): number {
    let least = Infinity
    for (const verdict of this.#kept) if (verdict.lane === lane && verdict.seq < least) least = verdict.seq
    return least - 1
  }

  /** The link is gone. */
  unlink(): void {
    this.#told = 0
  }

  /** A new session begins. */
  reset(): void {
    this.#kept = []
    this.#confirmed = this.#told = 0
  }

  /** All of it as plain data; see Session.save. */
  save() {
    return { kept: [...this.#kept], confirmed: this.#confirmed, told: this.#told }
  }

  restore(saved: ReturnType<Verdicts['save']>): void {
    this.#kept = [...saved.kept]
    this.#confirmed = saved.confirmed
    this.#told = saved.told
  }
}
