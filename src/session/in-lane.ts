/**
 * The receiving side of a lane: which messages have come, and which are finished.
 *
 * What holds: `processed <= received`; messages come one after the other; every number in `#done` is above `processed` and
 * at most `received`. What moves a mark holds it against that. Handlers may finish in any order; the mark that is told to
 * the peer is cumulative, so it waits for the oldest. Limit: `#done` holds at most the messages of one receive window.
 *
 * A lane counts from 1, or, where the protocol lets a peer go on counting, from the first message of the session.
 */
import { invariant } from '../common/errors.ts'

export class InLane {
  received = 0
  processed = 0
  /** The sender waits for the outcome of messages up to here. */
  urgentUpTo = 0
  /** Made when a handler first finishes out of order: most lanes never need it. */
  #done: Set<number> | null = null
  readonly #startsAnywhere: boolean

  constructor(startsAnywhere = false) {
    this.#startsAnywhere = startsAnywhere
  }

  /**
   * How many of the `count` messages from `firstSeq` on are here already; -1 when one before them is missing.
   */
  duplicates(firstSeq: number, count: number): number {
    if (firstSeq > this.received + 1) return -1
    return Math.min(count, this.received + 1 - firstSeq)
  }

  /** Its first message has this number. True: it begins there, and what lies before it is none of this session. */
  beginsAt(firstSeq: number): boolean {
    if (!this.#startsAnywhere || this.received > 0) return false
    this.received = this.processed = firstSeq - 1
    return true
  }

  /** Message `seq` is whole. */
  take(seq: number): void {
    invariant(seq === this.received + 1, 'the messages of a lane are taken one after the other')
    this.received = seq
  }

  /** The handler of message `seq` is done. */
  finish(seq: number): void {
    invariant(seq <= this.received, 'only what was taken is finished')
    if (seq !== this.processed + 1) {
      if (seq > this.processed) (this.#done ??= new Set()).add(seq)
      return
    }
    this.processed++
    if (this.#done === null) return
    while (this.#done.delete(this.processed + 1)) this.processed++
  }

  /** All of it as plain data; see Session.save. */
  save() {
    const { received, processed, urgentUpTo } = this
    const done = [...(this.#done ?? [])].sort((a, b) => a - b)
    return { received, processed, urgentUpTo, done }
  }

  restore(saved: ReturnType<InLane['save']>): void {
    this.received = saved.received
    this.processed = saved.processed
    this.urgentUpTo = saved.urgentUpTo
    this.#done = saved.done.length > 0 ? new Set(saved.done) : null
  }
}
