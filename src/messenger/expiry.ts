/**
 * Messages that are worth something for a while only (`expiresMs`): what is on no link when its time is up is taken back.
 *
 * Who waits for the outcome is told at that moment, whatever became of the message; of one that was only sent there is news
 * when it was taken back. One timer per connection, none while nothing expires. Limit: the replay limit, for every message
 * here is queued or unacked; with many of them a sweep comes up to a millisecond late for each thousand.
 */
import type { MessageFate } from '../common/errors.ts'
import { InkwireError } from '../common/errors.ts'
import type { OutboundMessage, Settle } from '../wire/message.ts'
import { Alarm, type AlarmOwner, type Alarms } from './alarm.ts'
import type { Clock } from './runtime.ts'

const MESSAGES_PER_LATE_MS = 1000

/** The connection whose messages expire. */
export interface ExpirySender {
  /** Throws what `send()` throws. */
  enqueue(message: OutboundMessage): boolean
  /** The message is wanted no more. Null: it is on a link, or not queued any more. */
  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' | null
  /** Nobody waits for this message, and it was taken back. */
  expired(message: OutboundMessage, fate: 'undelivered' | 'unknown', error: InkwireError): void
}

/** One message until it is settled; stands between it and whoever waits for it. */
class Expiring implements Settle {
  readonly dueMs: number
  readonly message: OutboundMessage
  readonly #owner: Expiries
  #waiting: Settle | null

  constructor(owner: Expiries, message: OutboundMessage, dueMs: number) {
    this.#owner = owner
    this.#waiting = message.settle
    this.dueMs = dueMs
    this.message = { ...message, settle: this, dueMs }
  }

  acked(): void {
    this.#owner.forget(this)
    this.#waiting?.acked()
  }

  failed(fate: MessageFate, reason: Error): void {
    this.#owner.forget(this)
    this.#waiting?.failed(fate, reason, this.message)
  }

  expire(sender: ExpirySender): void {
    const fate = sender.takeBack(this.message)
    const error = new InkwireError('INK_EXPIRED', 'the message has expired')
    const waiting = this.#waiting
    // What is on a link may still be acked, and nobody is told twice.
    this.#waiting = null
    if (waiting !== null) waiting.failed(fate ?? 'unknown', error, this.message)
    else if (fate !== null) sender.expired(this.message, fate, error)
  }
}

export class Expiries implements AlarmOwner {
  readonly #clock: Clock
  readonly #sender: ExpirySender
  readonly #all = new Set<Expiring>()
  readonly #alarm: Alarm

  constructor(alarms: Alarms, sender: ExpirySender) {
    this.#clock = alarms.clock
    this.#sender = sender
    this.#alarm = new Alarm(alarms, this)
  }

  /** Queues a message. Returns it as it is queued, and what `send()` answers; throws what that throws. */
  queue(message: OutboundMessage, expiresMs: number): { readonly queued: OutboundMessage; readonly hasRoom: boolean } {
    const one = new Expiring(this, message, this.#clock.nowMs() + expiresMs)
    this.#all.add(one)
    try {
      const hasRoom = this.#sender.enqueue(one.message)
      if (this.#all.has(one)) this.#alarm.ringBy(one.dueMs)
      return { queued: one.message, hasRoom }
    } catch (thrown) {
      this.#all.delete(one)
      throw thrown
    }
  }

  /** It is settled. */
  forget(one: Expiring): void {
    this.#all.delete(one)
    if (this.#all.size === 0) this.#alarm.clear()
  }

  /** Some of them are due. */
  rung(): void {
    const nowMs = this.#clock.nowMs()
    // Whoever is told may send more, or end the connection.
    for (const one of [...this.#all].filter(({ dueMs }) => dueMs <= nowMs)) {
      if (this.#all.delete(one)) one.expire(this.#sender)
    }
    let nextMs = Infinity
    for (const { dueMs } of this.#all) if (dueMs < nextMs) nextMs = dueMs
    this.#alarm.ringBy(Math.max(nextMs, nowMs + this.#all.size / MESSAGES_PER_LATE_MS))
  }
}
