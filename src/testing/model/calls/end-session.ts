/**
 * One end's session in a model of calls: the machine, what is queued, and what is on the link to the other end.
 *
 * It does what the layer around the machine does, and decides nothing: which message goes on the link, when time passes and when the
 * session is lost, comes from whoever plays with it, a search or a draw.
 */
import { Exchange, type ExchangeSink } from '../../../transactions/machine/exchange.ts'
import {
  unacked,
  type Asked,
  type CallKind,
  type SentMessage,
  type Served,
} from '../../../transactions/machine/half.ts'
import type { InRecord } from '../../../transactions/machine/incoming.ts'
import type { AnyHalf } from '../../../transactions/machine/pump.ts'
import { wordsIn, type CallFailure } from '../../../transactions/machine/words.ts'
import { ModelAsked, ModelServed, type Reader } from './halves.ts'
import { SessionQueue, type ModelMessage, type WireMessage } from './queue.ts'
import { messageBreaks, wordBreaks } from './silence.ts'

const NO_BYTES = new Uint8Array(0)

export class EndSession implements ExchangeSink, Reader {
  readonly exchange = new Exchange(this)
  readonly queue = new SessionQueue()
  onLink: ModelMessage[] = []
  words: Uint8Array[] = []
  unacked: ModelMessage[] = []
  readonly asked: ModelAsked[] = []
  readonly served: ModelServed[] = []
  readonly waiting = new Set<ModelServed>()
  readonly running = new Set<ModelServed>()
  readonly watched = new Set<AnyHalf>()
  /** How often the handler of a call ran, by its key. */
  readonly ran = new Map<number, number>()
  admits: CallFailure | null = null
  /** Messages that its queue takes. */
  roomMax = Infinity
  /** `later`: parts wait until somebody reads them. */
  reads: 'at once' | 'later' = 'at once'
  /** Sessions that were lost. */
  session = 0
  teller: Reader['teller'] = 'self'
  nowMs = 0
  /** What none may do, and this one did. */
  readonly problems: string[] = []

  // What the machine needs.

  send(half: AnyHalf, mark: Uint8Array, front: Uint8Array | null, data: Uint8Array | null): SentMessage | 'full' {
    if (!this.#hasRoom) return 'full'
    const bytes = mark.length + (front?.length ?? 0) + (data?.length ?? 0)
    const { kind, lane } = half
    const content = { words: wordsIn(mark), front: front ?? NO_BYTES, data: data ?? NO_BYTES }
    const message = { half, kind, lane, ...content, bytes }
    this.queue.push(message)
    if (half instanceof ModelAsked) this.#note(messageBreaks(half, message.words))
    return message
  }

  takeBack(asked: Asked): boolean {
    if (asked.isKnown) return false
    for (let oldest = asked.first; oldest !== null; oldest = asked.first) {
      if (!this.#unqueue(asked, oldest)) return false
    }
    return true
  }

  recall(half: AnyHalf): void {
    for (const message of unacked(half)) this.#unqueue(half, message)
  }

  watch(half: AnyHalf): void {
    this.watched.add(half)
  }

  unwatch(half: AnyHalf): void {
    this.watched.delete(half)
  }

  soon(): void {
    // Who plays asks for words.
  }

  make(kind: CallKind, lane: number, id: number, note: Uint8Array): Served {
    const served = new ModelServed(this, kind, lane, id, note)
    served.session = this.session
    this.served.push(served)
    return served
  }

  admit(): CallFailure | null {
    return this.admits
  }

  arrived(served: Served, { front }: InRecord): void {
    if (!(served instanceof ModelServed)) return
    served.key = new DataView(front.buffer, front.byteOffset).getUint32(0)
    this.waiting.add(served)
  }

  withdrawn(served: Served): void {
    if (served instanceof ModelServed) this.waiting.delete(served)
  }

  /** False: no part waits. */
  read(half: AnyHalf): boolean {
    const part = this.exchange.parts.read(half)
    if (part === undefined) return false
    if (half instanceof ModelAsked || half instanceof ModelServed) half.parts.push(part.data.length)
    return true
  }

  readable(half: AnyHalf): void {
    if (this.reads === 'at once') while (this.read(half));
  }

  // What its session does.

  /** The oldest queued message of a lane goes on the link. False: there is none. */
  put(lane: number): boolean {
    const message = this.queue.shift(lane)
    if (message === undefined) return false
    this.onLink.push(message)
    if (message.half instanceof ModelAsked) message.half.isOnLink = true
    if (this.#hasRoom) this.exchange.unstick(this.nowMs)
    return true
  }

  /** A control word goes on the link. False: there is none. */
  speak(): boolean {
    const word = this.exchange.words.take()
    if (word === null) return false
    this.words.push(word)
    const asked = (id: number): ModelAsked | undefined =>
      this.asked.find((one) => one.id === id && one.session === this.session)
    this.#note(wordBreaks(word, asked))
    this.exchange.spoken(this.nowMs)
    return true
  }

  /** The oldest message on the link arrives at the other end. Returns what is wrong with it. */
  arrive(other: EndSession): string | null {
    const message = this.onLink.shift()
    if (message === undefined) return null
    this.unacked.push(message)
    return other.take(message)
  }

  /** A message of the other end comes. */
  take({ kind, lane, words, front, data }: WireMessage): string | null {
    return this.#told(() => this.exchange.message(words, { ...kind, lane, front, data }, this.nowMs))
  }

  hear(other: EndSession): string | null {
    const word = this.words.shift()
    return word === undefined ? null : other.takeWord(word)
  }

  /** A control word of the other end comes. */
  takeWord(word: Uint8Array): string | null {
    return this.#told(() => this.exchange.control(word, this.nowMs))
  }

  ack(): void {
    const message = this.unacked.shift()
    if (message !== undefined) this.exchange.acked(message.half, this.nowMs)
  }

  /** The bytes of a message that is on no link are given away: the session takes it back, and its other side hears that. */
  spoil(lane: number, at: number): void {
    const message = this.queue.at(lane, at)
    if (message === undefined || message.front.length + message.data.length === 0) return
    this.queue.remove(message)
    // That nothing more comes is said also of a call that was discarded.
    if (message.half instanceof ModelAsked) message.half.did.push('cancel')
    this.exchange.gone(message.half, message, 'INK_MESSAGE_CHANGED', 'changed', this.nowMs)
  }

  /** The session is lost. */
  lose(): void {
    const undelivered = new Set<SentMessage>(this.queue.takeAll())
    this.onLink = []
    this.words = []
    this.unacked = []
    this.exchange.lost(({ first, isKnown }) => !isKnown && first !== null && undelivered.has(first), 'lost')
    this.session++
    for (const asked of this.asked) if (asked.phase === 'waiting') asked.session = this.session
  }

  /** Time has passed: what is due is due now. */
  expire(): void {
    for (const half of [...this.watched]) {
      if (half.deadlineMs > this.nowMs || !this.watched.delete(half)) continue
      this.exchange.expired(half, this.nowMs)
    }
  }

  get #hasRoom(): boolean {
    return this.queue.length < this.roomMax
  }

  #told(take: () => string | null): string | null {
    this.teller = 'peer'
    const wrong = take()
    this.teller = 'self'
    return wrong
  }

  #unqueue(half: AnyHalf, message: SentMessage): boolean {
    if (!this.queue.remove(message)) return false
    this.exchange.pump.forget(half, message)
    return true
  }

  #note(problem: string | null): void {
    if (problem !== null) this.problems.push(problem)
  }
}
