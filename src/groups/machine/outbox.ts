/**
 * The messages that this member publishes: those that wait, those that are with the sequencer, and what became of each.
 *
 * A message belongs to the view in which its first piece goes to the sequencer. Of one that waits nothing is lost when the view
 * changes: it goes into the next. One that was handed over and did not come back before the change has failed, and its
 * sender is told; never both. Limits: what is with the sequencer is bounded here, what waits by the caller.
 */
import { Deque } from '../../common/deque.ts'
import type { GroupLimits } from './limits.ts'
import type { Act, Entry, MemberId, Publish, Urgency, ViewId } from './terms.ts'
import { sameView } from './terms.ts'
import { costOf } from './view-log.ts'

const URGENCIES: readonly Urgency[] = ['high', 'medium', 'low']

/** A large message, of which so much is handed over. */
interface Begun {
  readonly publish: Publish
  offset: number
}

export class Outbox {
  readonly #self: MemberId
  readonly #limits: GroupLimits
  /** In the order in which they are served. */
  readonly #waiting: readonly Deque<Publish>[] = URGENCIES.map(() => new Deque())
  /** Numbers that are handed over, in part at least, in this view, in that order. Mostly the first one comes back first. */
  readonly #sent = new Deque<number>()
  /** The large message that is partly handed over: no other large one begins before it ends, only small ones. */
  #partial: Begun | null = null
  #bytes = 0
  #entries = 0

  constructor(self: MemberId, limits: GroupLimits) {
    this.#self = self
    this.#limits = limits
  }

  get isEmpty(): boolean {
    return this.#sent.length === 0 && this.#waiting.every((queue) => queue.length === 0)
  }

  /** So much is with the sequencer that nothing more goes there. */
  get isFull(): boolean {
    return this.#entries >= this.#limits.senderEntries || this.#bytes >= this.#limits.senderBytes
  }

  /** Takes a message to be published; one that is meant for another view than this fails at once. */
  add(publish: Publish, view: ViewId, act: Act): void {
    const { number, onlyIn } = publish
    if (onlyIn !== null && !sameView(onlyIn, view)) act({ kind: 'failed', number, view, isIndeterminate: false })
    else this.#waiting[URGENCIES.indexOf(publish.urgency)]!.push(publish)
  }

  /** The next piece that may go to the sequencer now. */
  next(): Entry | null {
    if (this.isFull) return null
    for (const queue of this.#waiting) {
      const first = queue.at(0)
      if (first === undefined) continue
      if (first.data.length <= this.#limits.pieceBytes) {
        queue.shift()
        return this.#hand(first, 0, first.data)
      }
      if (this.#partial === null || this.#partial.publish === first) return this.#piece(queue, first)
    }
    return null
  }

  #piece(queue: Deque<Publish>, publish: Publish): Entry {
    const partial = this.#partial ?? { publish, offset: 0 }
    const { offset } = partial
    const { data } = publish
    partial.offset = Math.min(offset + this.#limits.pieceBytes, data.length)
    const isLast = partial.offset === data.length
    if (isLast) queue.shift()
    this.#partial = isLast ? null : partial
    return this.#hand(publish, offset, data.subarray(offset, partial.offset))
  }

  #hand({ number, order, type, origin, data: { length: total } }: Publish, offset: number, data: Uint8Array): Entry {
    const entry = { from: this.#self, number, offset, total, isSafe: order === 'safe', type, origin, data }
    if (offset === 0) this.#sent.push(number)
    this.#entries++
    this.#bytes += costOf(entry)
    return entry
  }

  /** An own piece came back in the order: another one may go. */
  ordered(entry: Entry): void {
    this.#entries--
    this.#bytes -= costOf(entry)
  }

  /** An own message is delivered. */
  delivered(number: number): boolean {
    for (let at = 0; at < this.#sent.length; at++) {
      if (this.#sent.at(at) === number) return this.#sent.remove(at) === number
    }
    return false
  }

  /** The view is over: what was handed over and did not come back has failed. */
  changed(from: ViewId, act: Act): void {
    for (const number of this.#sent.takeAll()) act({ kind: 'failed', number, view: from, isIndeterminate: true })
    for (const queue of this.#waiting) {
      for (const publish of queue.takeAll()) {
        const { number, onlyIn } = publish
        if (publish === this.#partial?.publish) continue
        if (onlyIn === null) queue.push(publish)
        else act({ kind: 'failed', number, view: onlyIn, isIndeterminate: false })
      }
    }
    this.#partial = null
    this.#bytes = 0
    this.#entries = 0
  }

  /** This member goes: what waits will be sent in no view. */
  end(view: ViewId, act: Act): void {
    this.changed(view, act)
    for (const queue of this.#waiting)
      for (const { number } of queue.takeAll()) act({ kind: 'failed', number, view, isIndeterminate: false })
  }
}
