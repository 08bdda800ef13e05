/**
 * What one link is given next of what its session sends, and how far it has been given each lane.
 *
 * Order: the most urgent lane that has something to send goes first; every eighth run goes to the least urgent one, so
 * that no lane starves. A run is many small messages of a lane, or one chunk of a large message: a large message never
 * holds up a more urgent lane for more than a chunk. Nothing goes past the peer's credit. Control words go before all else
 * and wait for no credit: what bounds them is how far they may be ahead of what the peer has finished.
 */
import { CONTROL_LANE, CONTROL_WORDS, isIntact } from '../../wire/message.ts'
import type { OutboundMessage } from '../../wire/message.ts'
import type { WireCapabilities } from '../../wire/wire.ts'
import type { OutLane } from '../out-lane.ts'
import type { Outbound } from '../outbound.ts'
import { OutCursor } from './out-cursor.ts'
import type { Run, RunLimits } from './run.ts'
import type { SendCredit } from './send-credit.ts'

const FAIR_TURN = 8

export class Runs {
  readonly #outbound: Outbound
  readonly #credit: SendCredit
  readonly #limits: RunLimits
  readonly #capabilities: WireCapabilities
  /** Each made when there is something to send in its lane, where the peer is by then: most connections use one. */
  readonly #cursors: (OutCursor | undefined)[] = []
  /** Made for the first one: a link at rest has none. */
  #run: Run | null = null
  #turn = 0

  constructor(outbound: Outbound, credit: SendCredit, limits: RunLimits, capabilities: WireCapabilities) {
    this.#outbound = outbound
    this.#credit = credit
    this.#limits = limits
    this.#capabilities = capabilities
  }

  /** How far the link was given a lane, in messages. */
  sentOf(index: number): number {
    return this.#cursors[index]?.sent ?? this.#outbound.lanes[index]?.received ?? 0
  }

  /** The peer has said what it has of a lane. */
  catchUp(index: number): void {
    this.#cursors[index]?.catchUp()
  }

  /** Undefined: nothing of this lane is to be sent, nor was. That of control words may come later. */
  #cursor(index: number): OutCursor | undefined {
    const known = this.#cursors[index]
    const lane = this.#outbound.lanes[index]
    if (known !== undefined || lane === undefined || lane.tail === lane.received) return known
    return (this.#cursors[index] = new OutCursor(lane))
  }

  /**
   * What goes on the link now, already counted as sent; null when nothing may. Fills everything of the header but the
   * marks and the stamp. `hold` keeps chunks of large messages back. `isParting`: no message begins any more; what is half on
   * the link is finished.
   */
  next(hold: boolean, isParting = false): Run | null {
    const { lanes } = this.#outbound
    if (this.#outbound.isSpoiled) return null
    this.#turn++
    const control = lanes.length > CONTROL_LANE && !isParting ? this.#cursor(CONTROL_LANE) : undefined
    if (control !== undefined && this.#fillControl(control)) return this.#run
    const fair = this.#turn % FAIR_TURN === 0
    const count = Math.min(lanes.length, CONTROL_LANE)
    for (let step = 0; step < count; step++) {
      const index = fair ? count - 1 - step : step
      const cursor = this.#cursor(index)
      if (cursor === undefined) continue
      // Also in the middle of an ack: whose message it was may send at once.
      cursor.catchUp()
      if (isParting && cursor.cutBytes === 0) continue
      if (cursor.sent < cursor.lane.tail && this.#fill(index, cursor, hold)) return this.#run
      if (this.#outbound.isSpoiled) return null
    }
    return null
  }

  /** True when some message is on the link in part. */
  get isCut(): boolean {
    return this.#cursors.some((cursor) => cursor !== undefined && cursor.cutBytes > 0)
  }

  #fill(index: number, cursor: OutCursor, hold: boolean): boolean {
    const first = this.#outbound.intactAt(cursor.lane, cursor.sent + 1)
    if (first === undefined) return false
    const cut = this.#capabilities.chunks && first.bytes > this.#limits.batchBytes
    if (cut && hold) return false
    const run = this.#begin(index, cursor)
    return cut ? this.#fillChunk(run, cursor, first.bytes) : this.#fillBatch(run, cursor)
  }

  #begin(index: number, { lane, sent }: OutCursor): Run {
    const run = (this.#run ??= newRun(lane))
    run.lane = lane
    run.index = sent - lane.base
    run.chunkOffset = run.chunkLength = 0
    run.header.lane = index
    run.header.firstSeq = sent + 1
    run.header.ackNow = false
    return run
  }

  /** Control words that fit; their credit is what the peer has finished of them. */
  #fillControl(cursor: OutCursor): boolean {
    cursor.catchUp()
    const { lane, sent } = cursor
    const most = Math.min(Math.min(lane.base + CONTROL_WORDS, lane.tail) - sent, this.#capabilities.batchMax)
    if (most <= 0) return false
    const run = this.#begin(CONTROL_LANE, cursor)
    let count = 0
    for (let bytes = 0; count < most; count++) {
      bytes += lane.queue.at(run.index + count)?.bytes ?? 0
      if (count > 0 && bytes > this.#limits.batchBytes) break
    }
    run.header.ackNow = true
    run.count = run.header.count = count
    cursor.put(count)
    this.#outbound.sentMessages += count
    return true
  }

  #fillChunk(run: Run, cursor: OutCursor, total: number): boolean {
    const offset = cursor.cutBytes
    if (offset === 0) {
      if (!this.#credit.covers(total)) return false
      this.#credit.use(total)
    }
    run.count = run.header.count = 1
    run.chunkOffset = offset
    run.chunkLength = Math.min(this.#limits.chunkBytes, total - offset)
    if (isAwaited(cursor.lane.queue.at(run.index))) run.header.ackNow = true
    if (cursor.putChunk(run.chunkLength, total)) {
      this.#outbound.sentMessages++
      if (this.#waits(cursor)) run.header.ackNow = true
    }
    this.#outbound.sentBytes += run.chunkLength
    return true
  }

  #fillBatch(run: Run, cursor: OutCursor): boolean {
    const { queue } = cursor.lane
    const most = Math.min(this.#capabilities.batchMax, this.#limits.batchMessages, queue.length - run.index)
    let count = 0
    let bytes = 0
    while (count < most) {
      const message = queue.at(run.index + count)
      if (message === undefined || (count > 0 && bytes + message.bytes > this.#limits.batchBytes)) break
      if (!this.#credit.covers(message.bytes) || !isIntact(message)) break
      this.#credit.use(message.bytes)
      if (isAwaited(message)) run.header.ackNow = true
      bytes += message.bytes
      count++
    }
    if (count === 0) return false
    run.count = run.header.count = count
    cursor.put(count)
    if (this.#waits(cursor)) run.header.ackNow = true
    this.#outbound.sentMessages += count
    this.#outbound.sentBytes += bytes
    return true
  }

  /** True when the sender may be waiting for an ack and has nothing more to send: later runs would have asked in time. */
  #waits({ lane, sent }: OutCursor): boolean {
    return sent === lane.tail && this.#outbound.backlog.aboveHighWater
  }

  /** All of it as plain data; see Session.save. */
  save() {
    const cursors = this.#outbound.lanes.map((lane, index) => (this.#cursors[index] ?? new OutCursor(lane)).save())
    return { cursors, turn: this.#turn % FAIR_TURN }
  }

  restore(saved: ReturnType<Runs['save']>): void {
    saved.cursors.forEach((one, index) => {
      const lane = this.#outbound.lanes[index]
      if (lane === undefined) return
      const cursor = new OutCursor(lane)
      cursor.restore(one)
      this.#cursors[index] = cursor
    })
    this.#turn = saved.turn
  }
}

function newRun(lane: OutLane): Run {
  // Field by field: what is made by a spread has its fields elsewhere.
  const header = {
    lane: 0,
    firstSeq: 0,
    count: 0,
    received: 0,
    processed: 0,
    stampMs: 0,
    stampCounter: 0,
    nowMs: 0,
    ackNow: false,
  }
  return { header, lane, index: 0, count: 0, chunkOffset: 0, chunkLength: 0 }
}

/** Somebody waits for its ack. */
function isAwaited(message: OutboundMessage | undefined): boolean {
  const settle = message?.settle ?? null
  return settle !== null && settle.isPatient !== true && message?.isPatient !== true
}
