/**
 * The session of a messenger with itself: calls over the loopback go through the same machine, without a wire.
 *
 * What one end says arrives at the other in the next turn, control words before messages; bytes are copied, as they are on any
 * connection. There is one loopback, so both ends are of one connection: each has its own calls. Limit: those of the machine.
 */
import { Deque } from '../common/deque.ts'
import { InkwireError } from '../common/errors.ts'
import { outboundMessage } from '../messenger/message-init.ts'
import type { Clock } from '../messenger/runtime.ts'
import type { OutboundMessage, Settle } from '../wire/message.ts'
import type { ServiceMessage } from '../wire/service.ts'
import { isIntact, laneOf } from '../wire/message.ts'
import { wordsIn } from './machine/words.ts'
import type { CallSession, SessionCalls } from './session-calls.ts'

interface Parcel {
  readonly words: Uint8Array
  /** Null: a control word. */
  readonly message: OutboundMessage | null
  readonly settle: Settle | null
}

const NO_BYTES = new Uint8Array(0)

export class LocalSession implements CallSession {
  readonly marks = true
  readonly knowsOnce = true
  /** Nothing of an application is in its way. */
  readonly heldUp = 0
  readonly heardMs = null
  readonly #clock: Pick<Clock, 'later'>
  readonly #words = new Deque<Parcel>()
  readonly #messages = new Deque<Parcel>()
  readonly #other: SessionCalls
  #turn: 'none' | 'due' = 'none'

  /** What is said here goes to these calls. */
  constructor(clock: Pick<Clock, 'later'>, other: SessionCalls) {
    this.#clock = clock
    this.#other = other
  }

  control(words: Uint8Array, _message?: ServiceMessage, settle: Settle | null = null): void {
    this.#words.push({ words, message: null, settle })
    this.#deliverLater()
  }

  queueMarked(mark: Uint8Array, init: ServiceMessage, settle: Settle): OutboundMessage {
    const message = outboundMessage(init, settle, mark)
    this.#messages.push({ words: wordsIn(mark), message, settle })
    this.#deliverLater()
    return message
  }

  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' {
    for (let index = 0; index < this.#messages.length; index++) {
      if (this.#messages.at(index)?.message !== message) continue
      this.#messages.remove(index)
      return 'undelivered'
    }
    return 'unknown'
  }

  withdraw(): { readonly undelivered: OutboundMessage[]; readonly unknown: [] } {
    const taken = this.#messages.takeAll()
    this.#words.takeAll()
    return { undelivered: taken.flatMap(({ message }) => message ?? []), unknown: [] }
  }

  hold(): void {
    // The loopback ends at once.
  }

  release(): void {
    // See hold().
  }

  /** Both ends are ours. */
  fault(reason: string): void {
    throw new InkwireError('INK_INTERNAL', `the loopback broke its own protocol: ${reason}`)
  }

  #deliverLater(): void {
    if (this.#turn === 'due') return
    this.#turn = 'due'
    this.#clock.later(() => {
      this.#turn = 'none'
      this.#deliver()
    })
  }

  /** What came until now; what it causes comes in the next turn. */
  #deliver(): void {
    for (let count = this.#words.length; count > 0; count--) this.#hand(this.#words.shift())
    for (let count = this.#messages.length; count > 0; count--) this.#hand(this.#messages.shift())
  }

  #hand(parcel: Parcel | undefined): void {
    if (parcel === undefined) return
    const other = this.#other
    const { words, message, settle } = parcel
    if (message === null) other.word(words)
    else if (!isIntact(message)) {
      const text = `a message of ${message.bytes} bytes has another length by now: leave its bytes alone until it is acked`
      settle?.failed('undelivered', new InkwireError('INK_MESSAGE_CHANGED', text), message)
      return
    } else {
      const { type, version, priority, front, data } = message
      const copied = { front: front?.slice() ?? NO_BYTES, data: data?.slice() ?? NO_BYTES }
      other.message({ type, version, priority, lane: laneOf(priority), ...copied }, words)
    }
    settle?.acked()
  }
}
