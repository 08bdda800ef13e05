/**
 * The places of the transactions that this side has asked for: who waits for one, who has one, and how each leaves it.
 *
 * An outcome is told once. A transaction holds its place until the peer has said its last word about it, which it does when the
 * handler has ended: so a caller who cancels can never make more handlers run than were agreed. Limits: `CALLS.openMax` places, some of
 * them for urgent ones, and `CALLS.waitingMax` of each lane that wait. Pure.
 */
import { Numbered } from '../../common/numbered.ts'
import { LANES } from '../../wire/message.ts'
import type { ControlQueue } from './control-queue.ts'
import type { Asked } from './half.ts'
import { CALLS } from './limits.ts'
import type { CallReason } from './words.ts'

export interface PlacesSink {
  /** It needs no deadline any more. */
  unwatch(half: Asked): void
}

export class AskedPlaces {
  /** By lane: those that wait. */
  readonly waiting: readonly Set<Asked>[] = Array.from({ length: LANES }, () => new Set())
  readonly #open = new Numbered<Asked>()
  readonly #words: ControlQueue
  readonly #sink: PlacesSink
  #lastId = 0

  constructor(words: ControlQueue, sink: PlacesSink) {
    this.#words = words
    this.#sink = sink
  }

  /** Those that are not over, and those that wait. */
  get size(): number {
    return this.waiting.reduce((sum, { size }) => sum + size, this.#open.size)
  }

  /** Those whose place is held. */
  get open(): Iterable<Asked> {
    return this.#open
  }

  /** Whose parts have this number; undefined: nobody's. */
  get(id: number): Asked | undefined {
    return this.#open.get(id)
  }

  /** Some places are kept for urgent ones. */
  hasRoom({ lane }: Asked): boolean {
    return this.#open.size < (lane === 0 ? CALLS.openMax : CALLS.openMax - CALLS.openUrgent)
  }

  /** It has a place, and a number. */
  number(asked: Asked): void {
    asked.id = ++this.#lastId
    asked.phase = 'open'
    this.#open.add(asked)
  }

  /** The peer has nothing of it, and will not get it. */
  withdraw(asked: Asked): void {
    if (asked.phase === 'waiting') this.waiting[asked.lane]!.delete(asked)
    else this.#open.delete(asked.id)
    this.forget(asked)
    asked.isSent = false
  }

  /** The caller hears its outcome; the place is held until the peer has said its last word. */
  conclude(asked: Asked, why: CallReason, detail: string, indeterminate: boolean, code = ''): void {
    asked.phase = indeterminate ? 'over' : 'gone'
    this.#sink.unwatch(asked)
    if (indeterminate) {
      asked.incoming?.drop()
      this.#words.credit(asked)
    }
    this.tell(asked, why, code, detail, indeterminate)
  }

  tell(asked: Asked, reason: CallReason, code: string, detail: string, indeterminate: boolean): void {
    asked.owner.onFailure({ reason, code, detail, indeterminate, retryAfterMs: 0 })
  }

  /** The peer's last word: its place is free. What it has sent before may still be read. True: its caller does not know yet. */
  end(asked: Asked): boolean {
    const isNews = asked.phase === 'open'
    this.#open.delete(asked.id)
    this.forget(asked)
    asked.phase = 'gone'
    return isNews
  }

  forget(asked: Asked): void {
    this.#sink.unwatch(asked)
    asked.incoming?.close()
    asked.out = asked.stuck = null
  }

  /** The session is lost: all places are free. */
  takeOpen(): Asked[] {
    return this.#open.takeAll()
  }

  /** There will be no session: nobody waits any more. */
  takeWaiting(): Asked[] {
    const all = this.waiting.flatMap((waiting) => [...waiting])
    for (const waiting of this.waiting) waiting.clear()
    return all
  }

  /** Words about what is over are late; about what never was they are wrong. */
  late(id: number): string | null {
    return id <= this.#lastId ? null : 'words about a transaction that was never opened'
  }
}
