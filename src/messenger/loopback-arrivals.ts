/**
 * What a messenger has sent to itself and was not offered yet: first to those who take messages inline, in a turn of its own,
 * and what they leave to the inbox.
 */
import { Deque } from '../common/deque.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Connection } from './connection.ts'
import type { Inbox } from './inbox.ts'
import type { Shared } from './shared.ts'

/** Whose messages they are. */
export interface ArrivalOwner {
  readonly connection: Connection
  readonly state: 'open' | 'draining' | 'closed'
}

export class LoopbackArrivals {
  readonly #shared: Shared
  readonly #owner: ArrivalOwner
  readonly #inbox: Inbox
  /** Sent in this turn, while somebody takes messages inline. */
  readonly #arriving = new Deque<InboundMessage>()
  #offering: 'none' | 'due' = 'none'

  constructor(shared: Shared, owner: ArrivalOwner, inbox: Inbox) {
    this.#shared = shared
    this.#owner = owner
    this.#inbox = inbox
  }

  push(message: InboundMessage): void {
    const { dispatchers, queue } = this.#shared
    // What came while somebody took messages inline is not overtaken by what comes when nobody does any more.
    if (dispatchers.hasFast || this.#arriving.length > 0) {
      this.#arriving.push(message)
      this.#offerLater()
    } else {
      this.#inbox.push(message)
      queue.wake(this.#inbox)
    }
  }

  /** Takes back one that was not offered yet. False: it was. */
  remove(message: InboundMessage): boolean {
    return this.#arriving.delete(message)
  }

  /** Takes back what was not offered yet, in order. */
  takeAll(): readonly InboundMessage[] {
    return this.#arriving.takeAll()
  }

  #offerLater(): void {
    if (this.#offering === 'due' || this.#arriving.length === 0) return
    this.#offering = 'due'
    this.#shared.runtime.clock.later(() => {
      this.#offerAll()
      this.#offering = 'none'
      this.#offerLater()
    })
  }

  #offerAll(): void {
    const { dispatchers, queue } = this.#shared
    // What handlers send meanwhile has a turn of its own.
    for (let count = this.#arriving.length; count > 0; count--) {
      const message = this.#arriving.shift()
      // A handler has ended the loopback, and its outcome has the rest; or somebody has taken the rest back.
      if (message === undefined) break
      if (dispatchers.fast(message, this.#owner.connection)) message.ack()
      else if (this.#owner.state !== 'closed') this.#inbox.push(message)
    }
    queue.wake(this.#inbox)
  }
}
