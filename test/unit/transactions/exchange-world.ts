/**
 * Two machines and what lies between them, step by step: queues that messages can be taken back from, links on which control
 * words overtake messages, acks, and the loss of a session. Everything that is decided by chance comes from the caller.
 */
import { Deque } from '../../../src/common/deque.ts'
import { Exchange, type ExchangeSink } from '../../../src/transactions/machine/exchange.ts'
import {
  Asked,
  Served,
  unacked,
  type AskedOwner,
  type CallKind,
  type SentMessage,
  type ServedOwner,
} from '../../../src/transactions/machine/half.ts'
import type { InRecord } from '../../../src/transactions/machine/incoming.ts'
import type { AnyHalf } from '../../../src/transactions/machine/pump.ts'
import {
  KIND,
  wordsIn,
  type CallFailure,
  type CallReason,
  type CallVerdict,
} from '../../../src/transactions/machine/words.ts'
import { laneOf } from '../../../src/wire/message.ts'

const NO_BYTES = new Uint8Array(0)

interface Message extends SentMessage {
  readonly half: AnyHalf
  readonly words: Uint8Array
  readonly front: Uint8Array
  readonly data: Uint8Array
}

/** A call as its caller has it, with all that it was told. */
export class TestAsked extends Asked implements AskedOwner {
  readonly owner = this
  readonly key: number
  readonly outcomes: (CallFailure | 'reply')[] = []
  readonly verdicts: CallVerdict[] = []
  readonly parts: number[] = []
  readonly #world: End
  isDiscarded = false
  /** The handler has given up its parts. */
  isBroken = false

  constructor(world: End, key: number, kind: CallKind) {
    super(kind, laneOf(kind.priority))
    this.#world = world
    this.key = key
  }

  onReply(): void {
    this.outcomes.push('reply')
  }

  onFailure(failure: CallFailure): void {
    this.outcomes.push(failure)
  }

  onVerdict(verdict: CallVerdict): void {
    this.verdicts.push(verdict)
  }

  onReadable(): void {
    for (let part = this.#world.exchange.read(this); part !== undefined; part = this.#world.exchange.read(this)) {
      this.parts.push(part.data.length)
    }
  }

  onBroken(): void {
    this.isBroken = this.outcomes.length === 0
  }

  onUnwanted(): void {
    // It asks before it sends.
  }

  onWritable(): void {
    // It asks before it sends.
  }
}

/** A call as its handler has it. */
export class TestServed extends Served implements ServedOwner {
  readonly owner = this
  key = -1
  readonly aborts: CallReason[] = []
  readonly parts: number[] = []
  readonly #world: End

  constructor(world: End, kind: CallKind, lane: number, id: number, note: Uint8Array) {
    super(kind, lane, id, note)
    this.#world = world
  }

  onAborted(reason: CallReason): void {
    this.aborts.push(reason)
  }

  onReadable(): void {
    for (let part = this.#world.exchange.read(this); part !== undefined; part = this.#world.exchange.read(this)) {
      this.parts.push(part.data.length)
    }
  }

  onBroken(): void {
    // It is told by its parts.
  }

  onUnwanted(): void {
    // It asks before it sends.
  }

  onWritable(): void {
    // It asks before it sends.
  }
}

/** One end: a machine, what it has queued, and what is on the link to the other. */
export class End implements ExchangeSink {
  readonly exchange = new Exchange(this)
  /** By lane: on no link. */
  queued: Deque<Message>[] = [new Deque(), new Deque(), new Deque()]
  onLink: Message[] = []
  words: Uint8Array[] = []
  unacked: Message[] = []
  readonly waiting = new Set<TestServed>()
  readonly running = new Set<TestServed>()
  readonly watched = new Set<AnyHalf>()
  /** How often the handler of a call ran, by its key. */
  readonly ran = new Map<number, number>()
  admits: CallFailure | null = null
  /** Messages that its queue takes. */
  roomMax = Infinity
  /** Calls whose handler has given up its parts, by their keys. */
  readonly gaveUp = new Set<number>()
  nowMs = 0

  send(half: AnyHalf, mark: Uint8Array, front: Uint8Array | null, data: Uint8Array | null): SentMessage | 'full' {
    if (!this.#hasRoom) return 'full'
    const bytes = mark.length + (front?.length ?? 0) + (data?.length ?? 0)
    const message = { half, words: wordsIn(mark), front: front ?? NO_BYTES, data: data ?? NO_BYTES, bytes }
    this.queued[half.lane]!.push(message)
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

  #unqueue(half: AnyHalf, message: SentMessage): boolean {
    const lane = this.queued[half.lane]!
    const index = [...lane].indexOf(message as Message)
    if (index < 0) return false
    lane.remove(index)
    this.exchange.pump.forget(half, message)
    return true
  }

  /** The bytes of a message that is on no link are given away: the session takes it back. */
  spoil(lane: number, at: number): void {
    const message = this.queued[lane]!.at(at)
    if (message === undefined || message.front.length + message.data.length === 0) return
    this.queued[lane]!.remove(at)
    this.exchange.gone(message.half, message, 'INK_MESSAGE_CHANGED', 'changed', this.nowMs)
  }

  watch(half: AnyHalf): void {
    this.watched.add(half)
  }

  unwatch(half: AnyHalf): void {
    this.watched.delete(half)
  }

  soon(): void {
    // The world asks.
  }

  make(kind: CallKind, lane: number, id: number, note: Uint8Array): Served {
    return new TestServed(this, kind, lane, id, note)
  }

  admit(): CallFailure | null {
    return this.admits
  }

  arrived(served: Served, { front }: InRecord): void {
    if (!(served instanceof TestServed)) return
    const call = served
    call.key = new DataView(front.buffer, front.byteOffset).getUint32(0)
    this.waiting.add(call)
  }

  withdrawn(served: Served): void {
    if (served instanceof TestServed) this.waiting.delete(served)
  }

  /** Begins a call of this key. */
  ask(key: number, streams: boolean, deadlineMs = Infinity, bodyBytes = 4): TestAsked {
    const front = new Uint8Array(bodyBytes)
    new DataView(front.buffer).setUint32(0, key)
    const asked = new TestAsked(this, key, { type: 1, version: 0, priority: [255, 127, 0][key % 3]! })
    asked.deadlineMs = deadlineMs
    this.exchange.asking.ask(asked, { kind: KIND.OPEN, front, data: null }, streams, this.nowMs)
    return asked
  }

  /** A handler begins. */
  begin(call: TestServed): void {
    this.waiting.delete(call)
    this.running.add(call)
    this.ran.set(call.key, (this.ran.get(call.key) ?? 0) + 1)
    this.exchange.serving.begin(call)
  }

  /** A handler ends. */
  finish(call: TestServed, failure: CallFailure | null): void {
    this.running.delete(call)
    if (failure === null) this.exchange.serving.reply(call, { front: null, data: null }, this.nowMs)
    else this.exchange.serving.fail(call, failure, this.nowMs)
  }

  /** A handler gives up its parts. */
  giveUp(call: TestServed): void {
    if (this.exchange.takesParts(call)) this.gaveUp.add(call.key)
    this.exchange.reset(call, 'given up')
  }

  /** The oldest queued message of a lane goes on the link. False: there is none. */
  put(lane: number): boolean {
    const message = this.queued[lane]!.shift()
    if (message === undefined) return false
    this.onLink.push(message)
    if (this.#hasRoom) this.exchange.unstick(this.nowMs)
    return true
  }

  get #hasRoom(): boolean {
    return this.queued.reduce((sum, { length }) => sum + length, 0) < this.roomMax
  }

  /** A control word goes on the link. False: there is none. */
  speak(): boolean {
    const word = this.exchange.words.take()
    if (word === null) return false
    this.words.push(word)
    this.exchange.spoken(this.nowMs)
    return true
  }

  /** The oldest message on the link arrives at the other end. Returns what is wrong with it. */
  arrive(other: End): string | null {
    const message = this.onLink.shift()
    if (message === undefined) return null
    this.unacked.push(message)
    const { half, words, front, data } = message
    return other.exchange.message(words, { ...half.kind, lane: half.lane, front, data }, other.nowMs)
  }

  hear(other: End): string | null {
    const word = this.words.shift()
    return word === undefined ? null : other.exchange.control(word, other.nowMs)
  }

  ack(): void {
    const message = this.unacked.shift()
    if (message !== undefined) this.exchange.acked(message.half, this.nowMs)
  }

  /** The session is lost. */
  lose(): void {
    const undelivered = new Set<SentMessage>(this.queued.flatMap((lane) => lane.takeAll()))
    this.onLink = []
    this.words = []
    this.unacked = []
    this.exchange.lost(({ first, isKnown }) => !isKnown && first !== null && undelivered.has(first), 'lost')
  }
}
