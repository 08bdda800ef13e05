/**
 * The transactions of one connection: the machine (exchange.ts) on its session, with the messenger's clock.
 *
 * It lives as long as the connection. While no session carries it, calls wait.
 */
import { InkwireError, type MessageFate } from '../common/errors.ts'
import type { Connection } from '../messenger/connection.ts'
import type { Clock } from '../messenger/runtime.ts'
import type { ServiceSession } from '../messenger/service.ts'
import type { OutboundMessage, Settle } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { ServiceMessage } from '../wire/service.ts'
import { NOWHERE, type Deadlines } from '../common/deadlines.ts'
import { Exchange, type ExchangeSink, type Received } from './machine/exchange.ts'
import { unacked, type Asked, type CallKind, type SentMessage, type Served } from './machine/half.ts'
import type { InRecord } from './machine/incoming.ts'
import type { AnyHalf } from './machine/pump.ts'
import { isOpening, type CallFailure } from './machine/words.ts'
import type { ForwardedFrom, Onward, OnwardHalf } from './onward.ts'
import { SpokenWords } from './spoken-words.ts'

/** What transactions need of a session; the loopback has one, too. */
export type CallSession = Omit<ServiceSession, 'connection' | 'send' | 'queue' | 'relocated' | 'knowsAddresses'>

/** Where handlers are. */
export interface Desk {
  make(calls: SessionCalls, kind: CallKind, lane: number, id: number, note: Uint8Array): Served
  admit(calls: SessionCalls, kind: CallKind): CallFailure | null
  arrived(served: Served, request: InRecord): void
  withdrawn(served: Served): void
}

/** What all of them share. */
export interface CallsWorld {
  readonly clock: Clock
  readonly desk: Desk
  readonly deadlines: Deadlines<AnyHalf>
  /** The deadlines have changed. */
  ring(): void
  /** Nothing has a deadline any more. */
  rest(): void
  /** A handler hands its call on. */
  forward(from: ForwardedFrom, onward: Onward): OnwardHalf
}

/** A half that has its connection, and hears of its own messages. */
export type Carried = AnyHalf & Settle & { readonly calls: SessionCalls }

/** Why a call is refused where the peer's version or protocol has none. */
export const NO_CALLS = 'the peer takes no calls: its version or protocol has none'

export class SessionCalls implements ExchangeSink {
  readonly connection: Connection
  readonly exchange: Exchange
  readonly #world: CallsWorld
  readonly #words: SpokenWords
  #session: CallSession | null = null
  /** Messages and words that came: what does not move, waits. */
  heard = 0
  #room: 'any' | 'awaited' = 'any'
  constructor(world: CallsWorld, connection: Connection) {
    this.#world = world
    this.connection = connection
    this.exchange = new Exchange(this)
    this.#words = new SpokenWords(this.exchange, world.clock)
  }

  get nowMs(): number {
    return this.#world.clock.nowMs()
  }

  get session(): CallSession | null {
    return this.#session
  }

  /** A handler hands its call on, over this or another connection. */
  forward(from: ForwardedFrom, onward: Onward): OnwardHalf {
    return this.#world.forward(from, onward)
  }

  /** A session begins, or goes on. */
  adopted(session: CallSession): void {
    this.#session = session
    this.#words.session = session
    if (!session.marks) {
      this.exchange.asking.ended('refused', 'INK_INCOMPATIBLE', NO_CALLS)
      return
    }
    this.exchange.begin(this.nowMs)
    this.#words.speak()
  }

  /** The peer has lost the session; what comes now is for the next one. */
  reset(outcome: Outcome): void {
    // What its policy would send again means nothing in the next session.
    const again = this.#session?.withdraw() ?? outcome
    this.#lose([...outcome.undelivered, ...again.undelivered], 'the peer has lost the session')
    this.exchange.begin(this.nowMs)
  }

  /** The connection is over. */
  ended(outcome: Outcome): void {
    this.#lose(outcome.undelivered, 'the connection has ended')
    this.exchange.asking.ended('disconnected', 'INK_CLOSED', 'the connection has ended')
    this.#session = this.#words.session = null
  }

  /** A message or a control word came. */
  message(message: Received, words: Uint8Array): void {
    this.heard++
    // Not the clock: as many come in one read as there is room for.
    this.#heard(this.exchange.message(words, message, this.#session?.heardMs ?? this.nowMs))
  }

  word(words: Uint8Array): void {
    this.heard++
    this.#heard(this.exchange.control(words, this.nowMs))
  }

  acked(half: AnyHalf): void {
    this.exchange.acked(half, this.exchange.pump.isTimeless ? 0 : this.nowMs)
  }

  /** A message of it can never be sent, or the peer says that nobody there took it. */
  failed(half: AnyHalf, message: SentMessage, fate: MessageFate, error: Error): void {
    const code = error instanceof InkwireError ? error.code : ''
    if (fate === 'failed') this.exchange.untaken(half, message, code, error.message, this.nowMs)
    else this.exchange.gone(half, message, code, error.message, this.nowMs)
  }

  // What the machine needs.

  send(
    half: AnyHalf,
    mark: Uint8Array,
    front: Uint8Array | null,
    data: Uint8Array | null,
  ): SentMessage | 'full' | 'unfit' {
    const { type, version, priority } = half.kind
    const message: ServiceMessage = { type, version, priority, front, data }
    try {
      return this.#session?.queueMarked(mark, message, half as Carried, dueOf(half, mark)) ?? 'full'
    } catch (thrown) {
      return this.#refused(thrown)
    }
  }

  takeBack(asked: Asked): boolean {
    if (asked.isKnown) return false
    // In one lane: when the oldest is on no link, none is.
    for (let oldest = asked.first; oldest !== null; oldest = asked.first) {
      if (!this.#takeBack(asked, oldest)) return false
    }
    return true
  }

  recall(half: AnyHalf): void {
    for (const message of unacked(half)) this.#takeBack(half, message)
  }

  soon(): void {
    this.#words.soon()
  }

  watch(half: AnyHalf): void {
    this.#world.deadlines.set(half)
    this.#world.ring()
  }

  unwatch(half: AnyHalf): void {
    if (half.place === NOWHERE) return
    const { deadlines } = this.#world
    deadlines.remove(half)
    if (deadlines.size === 0) this.#world.rest()
  }

  make(kind: CallKind, lane: number, id: number, note: Uint8Array): Served {
    return this.#world.desk.make(this, kind, lane, id, note)
  }

  admit(kind: CallKind): CallFailure | null {
    return this.#world.desk.admit(this, kind)
  }

  arrived(served: Served, request: InRecord): void {
    this.#world.desk.arrived(served, request)
  }

  withdrawn(served: Served): void {
    this.#world.desk.withdrawn(served)
  }

  #takeBack(half: AnyHalf, message: SentMessage): boolean {
    if (this.#session?.takeBack(message as OutboundMessage) !== 'undelivered') return false
    this.exchange.pump.forget(half, message)
    return true
  }

  #heard(wrong: string | null): void {
    if (wrong !== null) this.#session?.fault(wrong)
  }

  #lose(taken: Outcome['undelivered'], detail: string): void {
    const undelivered = new Set<SentMessage>(taken)
    this.#words.lost()
    this.exchange.lost(({ first, isKnown }) => !isKnown && first !== null && undelivered.has(first), detail)
  }

  #refused(thrown: unknown): 'full' | 'unfit' {
    if (!(thrown instanceof InkwireError)) throw thrown
    switch (thrown.code) {
      case 'INK_MESSAGE_TOO_LARGE':
      case 'INK_INCOMPATIBLE':
        return 'unfit'
      case 'INK_QUEUE_FULL':
        this.#awaitRoom()
        return 'full'
      case 'INK_CLOSED':
        return 'full'
      default:
        throw thrown
    }
  }

  #awaitRoom(): void {
    if (this.#room === 'awaited') return
    this.#room = 'awaited'
    const goOn = (): void => {
      this.#room = 'any'
      this.exchange.unstick(this.nowMs)
    }
    this.connection.drained().then(goOn, goOn)
  }
}

/** Of a request that has a deadline: it may wait in the session, for a link or for credit, and that time is gone. */
function dueOf({ deadlineMs }: AnyHalf, mark: Uint8Array): number | undefined {
  return deadlineMs !== Infinity && isOpening(mark) ? deadlineMs : undefined
}
