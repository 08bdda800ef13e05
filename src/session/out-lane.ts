/**
 * The sending side of a lane: what is queued, what was ever on a link, and what the peer has of it.
 *
 * One queue holds everything that is not processed yet, oldest first; sequence numbers are positions in it and are never
 * stored. The marks are ordered, `base <= received <= high <= tail`, and whatever moves one holds them against that. How far
 * a link has been given the lane is its path's to know: see path/out-cursor.ts.
 *
 *     base            received                     high          tail
 *      |  processed?     |  unknown, to be replayed  |   fresh     |
 *
 * Limit: none here; the session bounds all lanes together.
 */
import { Deque } from '../common/deque.ts'
import { invariant } from '../common/errors.ts'
import type { OutboundMessage } from '../wire/message.ts'
import type { Verdict } from '../wire/verdict.ts'
import type { Marks } from '../wire/wire.ts'

/** Messages whose outcome was decided by a reset. */
export interface Unfinished {
  /** Never put on any link: the peer cannot have them. */
  readonly undelivered: OutboundMessage[]
  /** Put on a link and not acked as processed: the peer may have handled them or not. */
  readonly unknown: OutboundMessage[]
}

/** The outcomes of several lanes as one, in this order. */
export function together(outcomes: readonly Unfinished[]): Unfinished {
  return {
    undelivered: outcomes.flatMap((outcome) => outcome.undelivered),
    unknown: outcomes.flatMap((outcome) => outcome.unknown),
  }
}

/** Of a lane where nothing has come. */
export const NO_MARKS: Marks = { received: 0, processed: 0 }

/** These marks, where the peer has said more since on the link that the session leaves. */
export function atLeast(lanes: readonly OutLane[], marks: readonly Marks[]): readonly Marks[] {
  const known = lanes.map(({ received, base }, index) => {
    const stated = marks[index] ?? NO_MARKS
    return { received: Math.max(received, stated.received), processed: Math.max(base, stated.processed) }
  })
  return [...known, ...marks.slice(known.length)]
}

/** A message that came and was not handled well. */
export interface Failed {
  readonly message: OutboundMessage
  readonly verdict: Verdict
}

/** Never written to. */
const NONE_FAILED: Failed[] = []

export class OutLane {
  readonly queue = new Deque<OutboundMessage>()
  /** All up to here are processed by the peer and forgotten here. */
  base = 0
  /** All up to here are received by the peer. */
  received = 0
  /** All up to here have been on some link of this session, at least in part. */
  high = 0
  /** All up to here were on a link of an earlier session that was lost: the peer may have handled them. */
  exposed = 0
  /** What the peer said of messages that failed, until its mark has passed them. Made for the first one. */
  verdicts: Map<number, Verdict> | null = null
  /** Messages whose end is that they failed, for whoever tells their senders. */
  #failed: Failed[] = NONE_FAILED

  /** Sequence number of the newest message. */
  get tail(): number {
    return this.base + this.queue.length
  }

  /** A link is given messages up to here, the last one at least in part. */
  expose(seq: number): void {
    if (seq > this.high) this.high = seq
    this.#checkOrder()
  }

  #checkOrder(): void {
    const { base, received, high } = this
    invariant(base <= received && received <= high && high <= this.tail, 'the marks of a lane are in order')
  }

  /** Takes the peer's marks. Returns the bytes that were freed; -1 when the marks are impossible. */
  acknowledge(received: number, processed: number): number {
    if (processed > received || received > this.high) return -1
    if (received > this.received) this.received = received
    let freed = 0
    while (this.base < processed) {
      const message = this.queue.shift()
      if (message === undefined) return -1
      this.base++
      freed += message.bytes
      if (this.verdicts === null || !this.#fail(this.base, message)) message.settle?.acked()
    }
    this.#checkOrder()
    return freed
  }

  /** The peer says that a message failed. False: it cannot have that one. Once its mark has passed it, it is decided. */
  judge(verdict: Verdict): boolean {
    if (verdict.seq > this.high) return false
    if (verdict.seq > this.base) (this.verdicts ??= new Map()).set(verdict.seq, verdict)
    return true
  }

  #fail(seq: number, message: OutboundMessage): boolean {
    const verdict = this.verdicts?.get(seq)
    if (verdict === undefined) return false
    this.verdicts?.delete(seq)
    if (this.#failed === NONE_FAILED) this.#failed = []
    this.#failed.push({ message, verdict })
    return true
  }

  /** Messages that failed since the last call. */
  takeFailed(): readonly Failed[] {
    const failed = this.#failed
    this.#failed = NONE_FAILED
    return failed
  }

  /** The session is over: what is known to have failed is neither in doubt nor sent again. Returns how many, and bytes. */
  settleFailed(): { readonly messages: number; readonly bytes: number } {
    const gone = { messages: 0, bytes: 0 }
    if (this.verdicts === null) return gone
    this.queue.takeAll().forEach((message, index) => {
      if (!this.#fail(this.base + index + 1, message)) {
        this.queue.push(message)
        return
      }
      gone.messages++
      gone.bytes += message.bytes
    })
    this.verdicts = null
    this.high -= gone.messages
    if (this.exposed > 0) this.exposed = Math.max(0, this.exposed - gone.messages)
    return gone
  }

  /**
   * A new link carries the lane on: all above the peer's received mark is sent again. Returns how many messages that
   * are; -1 when the peer claims what was never sent, or has lost what it had.
   */
  resume(received: number): number {
    if (received > this.high || received < this.received) return -1
    this.received = received
    this.#checkOrder()
    return this.high - received
  }

  /** A new session keeps the queue and numbers it anew. */
  renumber(): void {
    this.exposed = Math.max(this.exposed, this.high) - this.base
    this.base = this.received = this.high = 0
  }

  /** Takes messages out of the queue that were on no link of this session; the others keep their order. */
  withdraw(which: (message: OutboundMessage) => boolean): Unfinished {
    const outcome: Unfinished = { undelivered: [], unknown: [] }
    const fresh = this.high - this.base
    let any = false
    for (let index = fresh; index < this.queue.length && !any; index++)
      any = which(this.queue.at(index) as OutboundMessage)
    if (!any) return outcome
    const exposed = this.exposed - this.base
    this.queue.takeAll().forEach((message, index) => {
      if (index < fresh || !which(message)) {
        this.queue.push(message)
      } else if (index < exposed) {
        outcome.unknown.push(message)
        this.exposed--
      } else outcome.undelivered.push(message)
    })
    return outcome
  }

  /**
   * Takes back one message that is on no link of this session; it will never be sent. `unknown`: it was on one of a session
   * before. Null: it is on a link, or not here.
   */
  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' | null {
    for (let index = this.high - this.base; index < this.queue.length; index++) {
      if (this.queue.at(index) !== message) continue
      this.queue.remove(index)
      if (index >= this.exposed - this.base) return 'undelivered'
      this.exposed--
      return 'unknown'
    }
    return null
  }

  /** Empties the lane. */
  takeOutcome(): Unfinished {
    const onLink = Math.max(this.exposed, this.high) - this.base
    const all = this.queue.takeAll()
    this.renumber()
    this.exposed = 0
    return { unknown: all.slice(0, onLink), undelivered: all.slice(onLink) }
  }

  /** All of it as plain data; see Session.save. */
  save() {
    const { base, received, high, exposed } = this
    const verdicts = [...(this.verdicts?.values() ?? [])]
    return { queue: [...this.queue], base, received, high, exposed, verdicts }
  }

  restore(saved: ReturnType<OutLane['save']>): void {
    this.queue.takeAll()
    for (const message of saved.queue) this.queue.push(message)
    this.base = saved.base
    this.received = saved.received
    this.high = saved.high
    this.exposed = saved.exposed
    this.verdicts = saved.verdicts.length === 0 ? null : new Map(saved.verdicts.map((each) => [each.seq, each]))
  }
}
