/**
 * Everything that one session has received: what has come, what is finished, what is held, and what failed.
 *
 * It outlives links. What one link brings is its path's; whatever moves a mark here tells the acks of the path that carries
 * the session, if there is one.
 *
 * Control words have a lane of their own, made for the first of them, and no part in the window: what bounds them is how
 * many of them are not finished, in this session and in all sessions of the name, those that are over included.
 */
import { Deque } from '../common/deque.ts'
import type { Policy } from '../policies/policy.ts'
import { CONTROL_LANE, CONTROL_WORDS, CONTROL_WORD_BYTES, LANES, type InboundMessage } from '../wire/message.ts'
import type { Failure } from '../wire/verdict.ts'
import type { Marks } from '../wire/wire.ts'
import { Held } from './held.ts'
import { InLane } from './in-lane.ts'
import type { Acks } from './path/acks.ts'
import { Verdicts } from './verdicts.ts'

export interface Waiting {
  readonly message: InboundMessage
  readonly failure: Failure
}

export class Inbound {
  readonly held: Held
  /** Rises with every session: what finishes late belongs to an older one. */
  generation = 1
  /**
   * True when something was finished that the peer may not know: an ack is only known to have come when a later handshake
   * says so.
   */
  owesAcks = false
  /** Totals since the connection was made, for dumps. */
  receivedMessages = 0
  receivedBytes = 0
  duplicates = 0
  failedMessages = 0
  readonly #ackOn: Policy['ackOn']
  readonly #startsAnywhere: boolean
  #lanes: InLane[]
  #verdicts = new Verdicts()
  /** Failed, and not finished before there is room for what is to be said of them. Made for the first one. */
  #waiting: Deque<Waiting> | null = null

  constructor(policy: Pick<Policy, 'window' | 'ackOn'>, lanes = LANES, startsAnywhere = false) {
    this.held = new Held(policy.window)
    this.#ackOn = policy.ackOn
    this.#startsAnywhere = startsAnywhere
    this.#lanes = this.#newLanes(lanes)
  }

  #newLanes(count: number): InLane[] {
    // Not Array.from: it takes several times as long, and each session makes some twice.
    const lanes: InLane[] = []
    for (let index = 0; index < count; index++) lanes.push(new InLane(this.#startsAnywhere))
    return lanes
  }

  /** Those of messages; behind them that of control words, once one came. */
  get lanes(): readonly InLane[] {
    return this.#lanes
  }

  /** What there is to say of messages that failed. */
  get verdicts(): Verdicts {
    return this.#verdicts
  }

  /** The lane of a run that comes; undefined: there is no such lane. */
  laneOf(index: number): InLane | undefined {
    if (index === CONTROL_LANE && this.#lanes.length === CONTROL_LANE) this.#lanes.push(new InLane())
    return this.#lanes[index]
  }

  /** True when somebody still works on what came. */
  get isBusy(): boolean {
    const control = this.#lanes[CONTROL_LANE]
    return this.held.messages > 0 || (control !== undefined && control.received > control.processed)
  }

  /** A control word comes: its sender knows no more of what is finished than we do. */
  admitsWord(bytes: number, duplicate: boolean): boolean {
    const lane = this.#lanes[CONTROL_LANE]
    if (lane === undefined || bytes > CONTROL_WORD_BYTES) return false
    return duplicate || (lane.received - lane.processed < CONTROL_WORDS && !this.held.hasManyWords)
  }

  /** A message is whole. */
  complete(message: InboundMessage, acks: Acks | null, nowMs: number): void {
    this.#lane(message.lane).take(message.seq)
    if (message.lane === CONTROL_LANE) this.held.addWord()
    message.generation = this.generation
    this.receivedMessages++
    this.receivedBytes += message.bytes
    if (this.#ackOn === 'received' && message.lane !== CONTROL_LANE) this.#advance(message, acks, nowMs)
    else acks?.count(message.bytes, nowMs)
  }

  /** The application is done with a message. */
  finish(message: InboundMessage, acks: Acks | null, nowMs: number): void {
    const control = message.lane === CONTROL_LANE
    if (control) this.held.subWord()
    else this.held.release(message.bytes)
    const current = message.generation === this.generation
    if (current && (control || this.#ackOn === 'processed')) this.#advance(message, acks, nowMs)
    else if (!control) acks?.creditCame(nowMs)
  }

  /**
   * The application is done with a message, and its sender is to be told that it failed. With `ackOn: 'received'` it is too
   * late for that, and with an older peer (`canTell`) there is no way; of a control word nobody is told.
   */
  fail(message: InboundMessage, failure: Failure, acks: Acks | null, nowMs: number, canTell = true): void {
    const control = message.lane === CONTROL_LANE
    if (!control) this.failedMessages++
    const isTold = canTell && this.#ackOn === 'processed' && message.generation === this.generation
    if (control || !isTold) {
      this.finish(message, acks, nowMs)
    } else if (this.#verdicts.isFull) {
      this.#waiting ??= new Deque()
      this.#waiting.push({ message, failure })
    } else {
      this.#verdicts.add({ ...failure, lane: message.lane, seq: message.seq })
      acks?.hurry()
      this.finish(message, acks, nowMs)
    }
  }

  /** The peer has so many of our verdicts: what waited for room has some. */
  confirm(count: number, acks: Acks | null, nowMs: number): void {
    this.#verdicts.confirm(count)
    // As many as have room: a peer that confirms one by one does not have the others looked at each time.
    while (!this.#verdicts.isFull) {
      const next = this.#waiting?.shift()
      if (next === undefined) break
      this.failedMessages--
      this.fail(next.message, next.failure, acks, nowMs)
    }
  }

  /** A message that was taken and will never reach a handler (its session is over). */
  discard(message: InboundMessage): void {
    if (message.lane === CONTROL_LANE) this.held.subWord()
    else this.held.release(message.bytes)
  }

  #advance(message: InboundMessage, acks: Acks | null, nowMs: number): void {
    const lane = this.#lane(message.lane)
    lane.finish(message.seq)
    this.owesAcks = true
    acks?.count(message.bytes, nowMs)
    if (lane.processed >= message.seq && message.seq <= lane.urgentUpTo) acks?.hurry()
  }

  /** The marks of every lane. */
  marks(): Marks[] {
    return this.#lanes.map(({ received, processed }) => ({ received, processed }))
  }

  /** The peer had these marks in the handshake of the link that carries the session now. */
  agreed(marks: readonly Marks[]): void {
    this.owesAcks = this.#lanes.some(({ processed }, index) => processed > (marks[index]?.processed ?? 0))
  }

  /** What a handshake may say: nothing of a message whose sender may not know that it failed. */
  safeMarks(): Marks[] {
    return this.#lanes.map(({ received, processed }, lane) => {
      return { received, processed: Math.min(processed, this.#verdicts.ceiling(lane)) }
    })
  }

  /** A new session begins: late finishers of the old one move no mark. */
  reset(): void {
    this.generation++
    this.#lanes = this.#newLanes(Math.min(this.#lanes.length, CONTROL_LANE))
    this.#verdicts = new Verdicts()
    for (const { message } of this.#waiting?.takeAll() ?? []) this.held.release(message.bytes)
    this.owesAcks = false
  }

  /** All of it as plain data, but for the totals; see Session.save. */
  save() {
    return {
      lanes: this.#lanes.map((lane) => lane.save()),
      heldMessages: this.held.messages,
      heldBytes: this.held.bytes,
      generation: this.generation,
      owesAcks: this.owesAcks,
      verdicts: this.#verdicts.save(),
      waiting: [...(this.#waiting ?? [])],
    }
  }

  restore(saved: ReturnType<Inbound['save']>): void {
    this.#lanes.length = Math.min(this.#lanes.length, saved.lanes.length)
    saved.lanes.forEach((one, index) => {
      const lane = (this.#lanes[index] ??= new InLane())
      lane.restore(one)
    })
    this.held.messages = saved.heldMessages
    this.held.bytes = saved.heldBytes
    this.generation = saved.generation
    this.owesAcks = saved.owesAcks
    this.#verdicts.restore(saved.verdicts)
    this.#waiting = null
    for (const one of saved.waiting) (this.#waiting ??= new Deque()).push(one)
  }

  #lane(index: number): InLane {
    return this.#lanes[index] as InLane
  }
}
