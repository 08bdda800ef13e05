/**
 * Control words of the transactions of one connection, on their way: said at the end of the turn, as many as the seam has room for.
 *
 * What there is no room for goes with the next ack of a word. Limit: `CALLS.wordsMax` that the peer has not finished.
 */
import { InkwireError } from '../common/errors.ts'
import type { Clock } from '../messenger/runtime.ts'
import type { ServiceSession } from '../messenger/service.ts'
import type { Settle } from '../wire/message.ts'
import type { Exchange } from './machine/exchange.ts'
import { CALLS } from './machine/limits.ts'

export class SpokenWords implements Settle {
  /** What carries them; null: nothing does. */
  session: Pick<ServiceSession, 'control'> | null = null
  readonly #exchange: Exchange
  readonly #clock: Clock
  /** Those that the peer has not finished. */
  #unfinished = 0
  #turn: 'none' | 'due' = 'none'
  readonly #endTurn = (): void => {
    this.#turn = 'none'
    this.speak()
  }

  constructor(exchange: Exchange, clock: Clock) {
    this.#exchange = exchange
    this.#clock = clock
  }

  /** There is something to say. */
  soon(): void {
    if (this.#turn === 'due') return
    this.#turn = 'due'
    this.#clock.defer(this.#endTurn)
  }

  /** Says as many as there is room for. */
  speak(): void {
    const { words } = this.#exchange
    while (!words.isEmpty && this.#unfinished < CALLS.wordsMax && this.session !== null) {
      const word = words.take()
      if (word === null) return
      try {
        this.session.control(word, undefined, this)
      } catch (thrown) {
        // The connection has ended in this very turn: its transactions end with it.
        if (thrown instanceof InkwireError && thrown.code === 'INK_CLOSED') return
        throw thrown
      }
      this.#unfinished++
      this.#exchange.spoken(this.#clock.nowMs())
    }
  }

  /** The session is lost, and with it what was said there. */
  lost(): void {
    this.#unfinished = 0
  }

  /** The peer has finished one. */
  acked(): void {
    this.#unfinished--
    this.speak()
  }

  failed(): void {
    // A control word is never handed back.
  }
}
