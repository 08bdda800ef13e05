/**
 * The received messages of one connection that wait for a handler, per lane, and how many handlers run.
 *
 * An inbox is asked for the next message only while its policy lets another handler run: `concurrency` bounds it per
 * connection, the policy's throttle bounds all connections of a peer type together. A blocked inbox is not polled: it
 * rejoins the dispatch queue when a handler finishes or the throttle calls. Limit: the receive window.
 */
import { Deque } from '../common/deque.ts'
import type { Throttle, ThrottleWaiter } from '../policies/throttle.ts'
import type { Outlet } from '../streams/broadcast.ts'
import { LANES } from '../wire/message.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Connection } from './connection.ts'

/** What an inbox needs of its connection. */
export interface InboxOwner {
  readonly connection: Connection
  /** `messages$`, when somebody subscribed to it. */
  readonly stream: Outlet<InboundMessage> | null
  /** A handler has ended, also one whose message was acked before. Called for every message. */
  afterHandler(): void
}

/** Where inboxes stand whose messages are to be handed over. */
export interface InboxQueue {
  /** Puts one back. */
  wake(inbox: Inbox): void
}

export class Inbox {
  readonly owner: InboxOwner
  /** Each made for its first message: most connections use one. */
  readonly #lanes = new Array<Deque<InboundMessage> | undefined>(LANES)
  readonly #throttle: Throttle | null
  readonly #concurrency: number
  readonly #queue: InboxQueue
  /** How it waits for the throttle, which knows it by this; null: there is none. */
  readonly #turn: ThrottleWaiter | null
  #running = 0
  #state: 'ready' | 'full' | 'throttled' = 'ready'
  /** The lanes in which the inbox stands in the dispatch queue, a bit each. */
  #queued = 0

  constructor(owner: InboxOwner, concurrency: number, throttle: Throttle | null, queue: InboxQueue) {
    this.owner = owner
    this.#concurrency = concurrency
    this.#throttle = throttle
    this.#queue = queue
    this.#turn = throttle === null ? null : () => this.#wake()
  }

  #wake(): void {
    this.#state = 'ready'
    this.#queue.wake(this)
  }

  /** Messages that wait. */
  get length(): number {
    return this.#lanes.reduce((sum, lane) => sum + (lane?.length ?? 0), 0)
  }

  /** Handlers that run. */
  get running(): number {
    return this.#running
  }

  has(lane: number): boolean {
    return this.#state === 'ready' && (this.#lanes[lane]?.length ?? 0) > 0
  }

  push(message: InboundMessage): void {
    const lane = (this.#lanes[message.lane] ??= new Deque())
    lane.push(message)
  }

  /** Takes back one that waits. False: its handler runs, or has. */
  remove(message: InboundMessage): boolean {
    return this.#lanes[message.lane]?.delete(message) === true
  }

  /** It stands in the dispatch queue with this lane from now on. False: it did already. */
  enlist(lane: number): boolean {
    const before = this.#queued
    this.#queued |= 1 << lane
    return this.#queued !== before
  }

  /** It is out of the dispatch queue with this lane. */
  delist(lane: number): void {
    this.#queued &= ~(1 << lane)
  }

  /** The next message of a lane, counted as running; null when there is none or none may run now. */
  take(laneIndex: number): InboundMessage | null {
    if (this.#state !== 'ready') return null
    const lane = this.#lanes[laneIndex]
    const next = lane?.at(0)
    if (lane === undefined || next === undefined) return null
    if (this.#running >= this.#concurrency) {
      this.#state = 'full'
      return null
    }
    if (this.#throttle !== null && this.#turn !== null && !this.#throttle.take(next.bytes, this.#turn)) {
      this.#state = 'throttled'
      this.#throttle.wait(this.#turn)
      return null
    }
    this.#running++
    lane.shift()
    return next
  }

  /** A handler is done. */
  finished(bytes: number): void {
    this.#running--
    this.#throttle?.put(bytes)
    if (this.#state === 'full') this.#wake()
    this.owner.afterHandler()
  }

  /** The session is over: what waits is dropped and returned, in no order. */
  clear(): InboundMessage[] {
    if (this.#turn !== null) this.#throttle?.cancel(this.#turn)
    this.#state = 'ready'
    return this.#lanes.flatMap((lane) => lane?.takeAll() ?? [])
  }
}
