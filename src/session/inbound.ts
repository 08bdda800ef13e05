/**
 * Everything that one session receives: what is new, what is finished, what credit returns, and when to tell the peer.
 *
 * Acks are coalesced: they ride on data of their lane when there is any; a bare ack goes out at the end of the turn when
 * the sender waits for one, after so many messages or bytes, or after a short delay.
 *
 * Control words have a lane of their own, made for the first of them, and no part in the window: what bounds them is how
 * many of them are not finished, in this session and in all sessions of the name, those that are over included.
 */
import { Deque } from '../common/deque.ts'
import type { Policy } from '../policies/policy.ts'
import { CONTROL_LANE, CONTROL_WORDS, CONTROL_WORD_BYTES, LANES } from '../wire/message.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Failure } from '../wire/verdict.ts'
import type { BatchHeader, Marks } from '../wire/wire.ts'
import { ReceiveCredit } from './credit.ts'
import { InLane } from './in-lane.ts'
import { Verdicts } from './verdicts.ts'

/** When a bare ack goes out. */
export interface AckLimits {
  readonly ackDelayMs: number
  readonly ackEveryMessages: number
  readonly ackEveryBytes: number
}

export interface Waiting {
  readonly message: InboundMessage
  readonly failure: Failure
}

export class Inbound {
  /** Those of messages; behind them that of control words, once one came. */
  readonly lanes: InLane[]
  readonly credit: ReceiveCredit
  /** Rises with every session: what finishes late belongs to an older one. */
  generation = 1
  /** When a bare ack is due, in ms; Infinity: nothing to tell, -Infinity: at the end of this turn. */
  ackDueMs = Infinity
  /**
   * True when something was finished that the peer may not know: an ack is only known to have come when a later handshake
   * says so.
   */
  owesAcks = false
  /** Totals since the connection was made, for dumps. */
  receivedMessages = 0
  receivedBytes = 0
  duplicates = 0
  readonly verdicts = new Verdicts()
  /** Failed, and not finished before there is room for what is to be said of them. */
  readonly #waiting = new Deque<Waiting>()
  failedMessages = 0
  readonly #ackOn: Policy['ackOn']
  readonly #limits: AckLimits
  #current = 0
  #untoldMessages = 0
  #untoldBytes = 0

  constructor(policy: Policy, limits: AckLimits, lanes = LANES, credit = true, startsAnywhere = false) {
    this.lanes = Array.from({ length: lanes }, () => new InLane(startsAnywhere))
    this.credit = new ReceiveCredit(policy.window, credit)
    this.#ackOn = policy.ackOn
    this.#limits = limits
  }

  /** A run of messages begins; see WireSink. */
  batch(header: BatchHeader): number {
    if (header.lane === CONTROL_LANE && this.lanes.length === CONTROL_LANE) this.lanes.push(new InLane())
    const lane = this.lanes[header.lane]
    if (lane === undefined) return -1
    this.#current = header.lane
    if (header.ackNow) lane.urgentUpTo = header.firstSeq + header.count - 1
    return lane.duplicates(header.firstSeq, header.count)
  }

  /** A message of the current run arrives, at least its beginning; see WireSink. */
  admit(bytes: number, duplicate: boolean): boolean {
    const control = this.#current === CONTROL_LANE
    if (!(control ? this.#admitControl(bytes, duplicate) : this.credit.take(bytes, duplicate))) return false
    if (duplicate) {
      this.duplicates++
      // The sender does not know that we have it: tell it soon, or it keeps its copy for nothing.
      this.ackDueMs = -Infinity
    } else if (!control) {
      this.#lane(this.#current).assembling = bytes
    }
    return true
  }

  /** The sender knows no more of what is finished than we do. */
  #admitControl(bytes: number, duplicate: boolean): boolean {
    const { received, processed } = this.#lane(CONTROL_LANE)
    if (bytes > CONTROL_WORD_BYTES) return false
    return duplicate || (received - processed < CONTROL_WORDS && this.credit.held?.hasManyWords !== true)
  }

  /** True when somebody still works on what came. */
  get isBusy(): boolean {
    const control = this.lanes[CONTROL_LANE]
    return this.credit.heldMessages > 0 || (control !== undefined && control.received > control.processed)
  }

  /** The message that was admitted last in its lane is whole. */
  complete(message: InboundMessage, nowMs: number): void {
    const lane = this.#lane(message.lane)
    lane.take(message.seq)
    if (message.lane === CONTROL_LANE) this.credit.held?.addWord()
    message.generation = this.generation
    this.receivedMessages++
    this.receivedBytes += message.bytes
    if (this.#ackOn === 'received' && message.lane !== CONTROL_LANE) this.#advance(message, nowMs)
    else this.#schedule(message.bytes, nowMs)
  }

  /** The application is done with a message. Returns true when a bare ack should go out at the end of this turn. */
  finish(message: InboundMessage, nowMs: number): boolean {
    const control = message.lane === CONTROL_LANE
    if (control) this.credit.held?.subWord()
    else this.credit.release(message.bytes)
    const current = message.generation === this.generation
    if (current && (control || this.#ackOn === 'processed')) this.#advance(message, nowMs)
    else if (!control) this.#oweCredit(nowMs)
    return this.ackDueMs === -Infinity
  }

  /**
   * The application is done with a message, and its sender is to be told that it failed. With `ackOn: 'received'` it is too
   * late for that, and with an older peer (`canTell`) there is no way; of a control word nobody is told. Returns as `finish`.
   */
  fail(message: InboundMessage, failure: Failure, nowMs: number, canTell = true): boolean {
    if (message.lane === CONTROL_LANE) return this.finish(message, nowMs)
    this.failedMessages++
    const isTold = canTell && this.#ackOn === 'processed' && message.generation === this.generation
    if (!isTold) return this.finish(message, nowMs)
    if (this.verdicts.isFull) {
      this.#waiting.push({ message, failure })
      return false
    }
    this.verdicts.add({ ...failure, lane: message.lane, seq: message.seq })
    this.ackDueMs = -Infinity
    return this.finish(message, nowMs)
  }

  /** The peer has so many of our verdicts: what waited for room has some. False: it was never told so many. */
  confirm(count: number, nowMs: number): boolean {
    if (!this.verdicts.confirm(count)) return false
    // As many as have room: a peer that confirms one by one does not have the others looked at each time.
    while (!this.verdicts.isFull) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      this.failedMessages--
      this.fail(next.message, next.failure, nowMs)
    }
    return true
  }

  /** Credit came back without a mark that would carry it: the sender may be waiting for just this. */
  #oweCredit(nowMs: number): void {
    if (this.credit.worthTelling) this.ackDueMs = -Infinity
    else if (this.ackDueMs === Infinity) this.ackDueMs = nowMs + this.#limits.ackDelayMs
  }

  /** A message that was taken and will never reach a handler (its session is over). */
  discard(message: InboundMessage): void {
    if (message.lane === CONTROL_LANE) this.credit.held?.subWord()
    else this.credit.release(message.bytes)
  }

  #advance(message: InboundMessage, nowMs: number): void {
    const lane = this.#lane(message.lane)
    lane.finish(message.seq)
    this.owesAcks = true
    this.#schedule(message.bytes, nowMs)
    if (lane.processed >= message.seq && message.seq <= lane.urgentUpTo) this.ackDueMs = -Infinity
  }

  #schedule(bytes: number, nowMs: number): void {
    this.#untoldMessages++
    this.#untoldBytes += bytes
    const { ackEveryMessages, ackEveryBytes, ackDelayMs } = this.#limits
    // Each message counts twice: when it came and when it was finished.
    const many = this.#untoldMessages >= 2 * ackEveryMessages || this.#untoldBytes >= 2 * ackEveryBytes
    if (many) this.ackDueMs = -Infinity
    else if (this.ackDueMs === Infinity) this.ackDueMs = nowMs + ackDelayMs
  }

  /** Fills the marks of a run that goes out on `lane`; they need no bare ack any more. */
  ride(header: BatchHeader): void {
    const lane = this.lanes[header.lane]
    lane?.tell()
    header.received = lane?.received ?? 0
    header.processed = lane?.processed ?? 0
  }

  /** True when the peer does not know everything and should by now. */
  ackIsDue(nowMs: number): boolean {
    if (nowMs < this.ackDueMs) return false
    if (this.lanes.some((lane) => lane.untold) || this.credit.untold) return true
    this.told()
    return false
  }

  /** A bare ack goes out. */
  told(): void {
    this.ackDueMs = Infinity
    this.#untoldMessages = 0
    this.#untoldBytes = 0
  }

  /** The marks of every lane. */
  marks(): Marks[] {
    return this.lanes.map(({ received, processed }) => ({ received, processed }))
  }

  /** The peer had these marks in the handshake of the link that carries the session now. */
  agreed(marks: readonly Marks[]): void {
    this.owesAcks = this.lanes.some(({ processed }, index) => processed > (marks[index]?.processed ?? 0))
  }

  /** What a handshake may say: nothing of a message whose sender may not know that it failed. */
  safeMarks(): Marks[] {
    return this.lanes.map(({ received, processed }, lane) => {
      return { received, processed: Math.min(processed, this.verdicts.ceiling(lane)) }
    })
  }

  /** The link is gone: what was only half there is given back. */
  unlink(): void {
    this.verdicts.unlink()
    for (const lane of this.lanes) {
      if (lane.assembling >= 0) this.credit.release(lane.assembling)
      lane.assembling = -1
    }
  }

  /** A new session begins: late finishers of the old one move no mark. */
  reset(): void {
    this.unlink()
    this.generation++
    this.lanes.length = Math.min(this.lanes.length, CONTROL_LANE)
    this.verdicts.reset()
    for (const { message } of this.#waiting.takeAll()) this.credit.release(message.bytes)
    for (const lane of this.lanes) lane.reset()
    this.owesAcks = false
    this.told()
  }

  /** All of it as plain data, but for the totals; see Session.save. */
  save() {
    return {
      lanes: this.lanes.map((lane) => lane.save()),
      credit: this.credit.save(),
      generation: this.generation,
      ackDueMs: this.ackDueMs,
      owesAcks: this.owesAcks,
      verdicts: this.verdicts.save(),
      waiting: [...this.#waiting],
      current: this.#current,
      untoldMessages: this.#untoldMessages,
      untoldBytes: this.#untoldBytes,
    }
  }

  restore(saved: ReturnType<Inbound['save']>): void {
    this.lanes.length = Math.min(this.lanes.length, saved.lanes.length)
    saved.lanes.forEach((one, index) => {
      const lane = (this.lanes[index] ??= new InLane())
      lane.restore(one)
    })
    this.credit.restore(saved.credit)
    this.generation = saved.generation
    this.ackDueMs = saved.ackDueMs
    this.owesAcks = saved.owesAcks
    this.verdicts.restore(saved.verdicts)
    this.#waiting.takeAll()
    for (const one of saved.waiting) this.#waiting.push(one)
    this.#current = saved.current
    this.#untoldMessages = saved.untoldMessages
    this.#untoldBytes = saved.untoldBytes
  }

  #lane(index: number): InLane {
    return this.lanes[index] as InLane
  }
}
