/**
 * What a session's transactions send, and whose turn it is: one piece each, in turn, so that none waits behind another. More
 * urgent lanes go first; every eighth turn is the least urgent one's, so that none starves.
 *
 * What is queued in the session or on its way is at most a window, which follows how soon the peer has finished it: so what comes
 * later waits for little, and the way is full all the same. Limit: `CALLS.pacedBytesMax`.
 * A request or an answer that is small goes past the turns, unless somebody as urgent waits for one. When the session's queue is
 * full, nothing is lost: it goes on when there is room. Pure: what can be sent is asked of the sink.
 */
import { DeliveryWindow, type WindowTerms } from '../../common/delivery-window.ts'
import { Deque } from '../../common/deque.ts'
import { LANES } from '../../wire/message.ts'
import { Asked, DUE, Served, remainingOf, shiftFirst, type SentMessage } from './half.ts'
import { CALLS } from './limits.ts'
import { isWhole, type OutPiece } from './outgoing.ts'
import { FLAG, KIND, failMark, openMark, partMark } from './words.ts'

/** As of the runs of a session. */
const FAIR_TURN = 8

const TERMS: WindowTerms = {
  bytesMin: CALLS.pacedBytesMin,
  bytesMax: CALLS.pacedBytesMax,
  queueMs: CALLS.pacedQueueMs,
  queueShare: CALLS.pacedQueueShare,
  marks: CALLS.pacedMarks,
  standingRounds: CALLS.pacedRounds,
}

export type AnyHalf = Asked | Served

/** Where messages go. */
export interface PumpSink {
  /**
   * Queues a message in the session. `full`: not now, there is no room; `unfit`: never. Its acks are told by `acked`, with the
   * same half.
   */
  send(
    half: AnyHalf,
    mark: Uint8Array,
    front: Uint8Array | null,
    data: Uint8Array | null,
  ): SentMessage | 'full' | 'unfit'
}

export interface PumpOwner {
  /** Its last word went out. */
  ended(served: Served): void
  /** It cannot be sent at all: it is too large for this peer, or its bytes are gone. */
  unfit(half: AnyHalf, why: 'large' | 'changed'): void
}

export class Pump {
  /** Bytes that are not acked. */
  paced = 0
  /** `stuck`: until there is room. `off`: no session carries them. */
  life: 'off' | 'on' | 'stuck' = 'off'
  /** By lane. */
  readonly #ready: readonly Deque<AnyHalf>[] = Array.from({ length: LANES }, () => new Deque<AnyHalf>())
  /** Those of which nothing may be sent before a word that is due. */
  readonly #mute = new Set<AnyHalf>()
  #turns = 0
  #window = new DeliveryWindow(TERMS)
  /** Free-running, without what was taken back. */
  #sentBytes = 0
  readonly #sink: PumpSink
  readonly #owner: PumpOwner

  constructor(sink: PumpSink, owner: PumpOwner) {
    this.#sink = sink
    this.#owner = owner
  }

  /** A control word went out: what must not overtake it may go. */
  spoken(nowMs: number): void {
    if (this.#mute.size === 0) return
    const mute = [...this.#mute]
    this.#mute.clear()
    for (const half of mute) this.ready(half)
    this.run(nowMs)
  }

  /** True when something small of this lane may be sent past the turns. */
  isClear(lane: number): boolean {
    if (this.life !== 'on') return false
    for (let index = 0; index <= lane; index++) if (this.#ready[index]!.length > 0) return false
    return true
  }

  /** It may have something to send. */
  ready(half: AnyHalf): void {
    if (half.isReady || !hasWork(half)) return
    if (isMute(half)) this.#mute.add(half)
    else {
      half.isReady = true
      this.#ready[half.lane]!.push(half)
    }
  }

  run(nowMs: number): void {
    while (this.life === 'on') {
      if (!this.#ready.some(({ length }) => length > 0) || this.#window.isFull(this.paced)) return
      const half = this.#next()
      if (half === undefined) return
      half.isReady = false
      if (isMute(half)) this.ready(half)
      else if (half.phase !== 'gone') this.#turn(half, nowMs)
    }
  }

  #next(): AnyHalf | undefined {
    const isFair = ++this.#turns % FAIR_TURN === 0
    for (let step = 0; step < LANES; step++) {
      const half = this.#ready[isFair ? LANES - 1 - step : step]!.shift()
      if (half !== undefined) return half
    }
    return undefined
  }

  /** It makes no difference when a message is acked: nothing waits for that, and nothing is measured. */
  get isTimeless(): boolean {
    return !this.#window.isMeasuring && !this.#ready.some(({ length }) => length > 0)
  }

  /** The peer has finished the oldest message of it. */
  acked(half: AnyHalf, nowMs: number): void {
    if (half.first === null) return
    this.paced -= half.first.bytes
    this.#window.delivered(this.#sentBytes - this.paced, nowMs)
    shiftFirst(half)
  }

  /** One of its messages was taken back, or never was what it should have been. False: it is none of them. */
  forget(half: AnyHalf, message: SentMessage): boolean {
    if (half.first === message) {
      this.#untake(message)
      shiftFirst(half)
      return true
    }
    const { others } = half
    for (let index = 0; others !== null && index < others.length; index++) {
      if (others.at(index) !== message) continue
      others.remove(index)
      this.#untake(message)
      return true
    }
    return false
  }

  /** No session carries them any more: what was sent in it is over. */
  stop(): void {
    this.life = 'off'
    this.paced = this.#sentBytes = 0
    this.#window = new DeliveryWindow(TERMS)
    for (const lane of this.#ready) for (const half of lane.takeAll()) half.isReady = false
    this.#mute.clear()
  }

  /** Sends a message now. `isPart`: of many, and the window asks for acks of some. False: it must wait for its turn. */
  now(half: AnyHalf, mark: Uint8Array, front: Uint8Array | null, data: Uint8Array | null, isPart = false): boolean {
    const sent = this.#sink.send(half, mark, front, data)
    if (sent === 'full') {
      this.life = 'stuck'
      return false
    }
    if (sent === 'unfit') this.#owner.unfit(half, 'large')
    else {
      this.#note(half, sent)
      if (isPart && !this.#window.awaits(this.#sentBytes, this.paced)) sent.isPatient = true
    }
    return true
  }

  #turn(half: AnyHalf, nowMs: number): void {
    if (half instanceof Served && half.failure !== null) {
      if (this.now(half, failMark(half.id, half.failure), null, null)) this.#owner.ended(half)
      else this.#keepTurn(half)
      return
    }
    const { out } = half
    let bytes = 0
    while (out !== null && (half.stuck !== null || out.isReady)) {
      const piece = half.stuck ?? out.next()
      if (piece === null || !isWhole(piece.record)) {
        this.#owner.unfit(half, 'changed')
        return
      }
      half.stuck = piece
      if (!this.now(half, markOf(half, piece, nowMs), piece.front, piece.data, piece.record.kind === KIND.PART)) {
        this.#keepTurn(half)
        break
      }
      // It could not be sent at all.
      if (half.stuck !== piece) return
      half.stuck = null
      if (half instanceof Asked) half.isSent = true
      else if (piece.record.kind === KIND.REPLY && piece.end) {
        this.#owner.ended(half)
        return
      }
      bytes += piece.bytes + CALLS.partOverheadBytes
      if (bytes >= CALLS.pieceBytes) break
    }
    if (bytes > 0) this.#window.mark(this.#sentBytes, nowMs)
    if (out !== null && bytes > 0 && !out.isFull) half.owner.onWritable()
    this.ready(half)
  }

  #untake({ bytes }: SentMessage): void {
    this.paced -= bytes
    this.#sentBytes -= bytes
  }

  /** There was no room: it is the first when there is, as requests come in the order of their numbers. */
  #keepTurn(half: AnyHalf): void {
    half.isReady = true
    this.#ready[half.lane]!.unshift(half)
  }

  #note(half: AnyHalf, sent: SentMessage): void {
    this.paced += sent.bytes
    this.#sentBytes += sent.bytes
    if (half.first === null) half.first = sent
    else (half.others ??= new Deque()).push(sent)
  }
}

function hasWork(half: AnyHalf): boolean {
  // Without its number, its request would be nobody's: it is ready once it has that.
  if (half.phase === 'gone' || half.id === 0) return false
  if (half instanceof Served && half.failure !== null) return true
  return half.stuck !== null || half.out?.isReady === true
}

function markOf(half: AnyHalf, { record, isFirst, isBare, more, end }: OutPiece, nowMs: number): Uint8Array {
  const flags = (more ? FLAG.MORE : 0) | (end ? FLAG.END : 0)
  const first = isFirst && !isBare ? FLAG.FIRST : 0
  if (half instanceof Served) return partMark(record.kind, flags | first | FLAG.DOWN, half.id)
  if (record.kind !== KIND.OPEN || !isFirst) return partMark(KIND.PART, flags | first, half.id)
  return openMark(flags, half.id, remainingOf(half, nowMs), half.note)
}

/**
 * It has given up its parts, and that is not said yet: its reply would come first, and they would look whole. Its failure may come
 * first: that says more.
 */
function isMute(half: AnyHalf): boolean {
  return half instanceof Served && half.failure === null && (half.due & DUE.RESET) !== 0
}
