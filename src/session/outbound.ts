/**
 * Everything that one session sends: its lanes, the limit on what they hold, the peer's credit, and what goes next.
 *
 * Order: the most urgent lane that has something to send goes first; every eighth run goes to the least urgent one, so
 * that no lane starves. A run is many small messages of a lane, or one chunk of a large message: a large message never
 * holds up a more urgent lane for more than a chunk. Limit: `policy.replay`, over all lanes, waiting and unacked.
 */
import type { Budget } from '../policies/policy.ts'
import { LANES, isIntact, laneOf } from '../wire/message.ts'
import type { OutboundMessage } from '../wire/message.ts'
import type { BatchHeader, Grant, Marks, WireCapabilities } from '../wire/wire.ts'
import { SendCredit } from './credit.ts'
import { OutLane } from './out-lane.ts'
import type { Unfinished } from './out-lane.ts'

/** How much goes into one run. */
export interface RunLimits {
  readonly batchMessages: number
  /** Segments of one run of several messages, in bytes. */
  readonly batchBytes: number
  /** Segments of one chunk, in bytes; a message above `batchBytes` is cut. */
  readonly chunkBytes: number
}

/** What to put on the link next. One object, overwritten by every call of `next`. */
export interface Run {
  readonly header: BatchHeader
  lane: OutLane
  /** Position of the first message in `lane.queue`. */
  index: number
  count: number
  /** Part of the one message, when it is cut; `chunkLength` 0 means whole messages. */
  chunkOffset: number
  chunkLength: number
}

const FAIR_TURN = 8

export class Outbound {
  readonly lanes: readonly OutLane[]
  readonly credit = new SendCredit()
  messages = 0
  bytes = 0
  /** Totals since the connection was made, for dumps. */
  sentMessages = 0
  sentBytes = 0
  replayedMessages = 0
  ackedMessages = 0
  readonly #limit: Budget
  /** The part of the limit from which on a sender should wait. */
  readonly #highWater: number
  readonly #runs: RunLimits
  readonly #run: Run
  /** What cannot be sent any more; see takeChanged. */
  #changed: Unfinished | null = null
  #turn = 0

  constructor(limit: Budget, highWater: number, runs: RunLimits, lanes = LANES) {
    this.lanes = Array.from({ length: lanes }, () => new OutLane())
    this.#limit = limit
    this.#highWater = highWater
    this.#runs = runs
    const header: BatchHeader = {
      lane: 0,
      firstSeq: 0,
      count: 0,
      received: 0,
      processed: 0,
      stampMs: 0,
      stampCounter: 0,
      ackNow: false,
    }
    this.#run = { header, lane: this.#lane(0), index: 0, count: 0, chunkOffset: 0, chunkLength: 0 }
  }

  /** True when one more message of this size would pass the hard limit. */
  isFull(bytes: number): boolean {
    return this.messages + 1 > this.#limit.messages || (this.messages > 0 && this.bytes + bytes > this.#limit.bytes)
  }

  /** True when the sender may be waiting for an ack and has nothing more to send: later runs would have asked in time. */
  #waits(lane: OutLane): boolean {
    return lane.sent === lane.tail && this.aboveHighWater
  }

  get aboveHighWater(): boolean {
    return this.messages >= this.#limit.messages * this.#highWater || this.bytes >= this.#limit.bytes * this.#highWater
  }

  /** Half of the high-water mark: where `drained()` lets go. */
  get belowLowWater(): boolean {
    const { messages, bytes } = this.#limit
    return this.messages * 2 <= messages * this.#highWater && this.bytes * 2 <= bytes * this.#highWater
  }

  /** True when the peer has acked nothing in this session. */
  get isUnproven(): boolean {
    return this.lanes.every(({ received }) => received === 0)
  }

  enqueue(message: OutboundMessage): void {
    // A protocol with fewer lanes keeps all that is less urgent in its last one.
    this.#lane(Math.min(laneOf(message.priority), this.lanes.length - 1)).queue.push(message)
    this.messages++
    this.bytes += message.bytes
  }

  /** Takes marks of the peer. False: they are impossible. */
  acknowledge(laneIndex: number, received: number, processed: number): boolean {
    const lane = this.lanes[laneIndex]
    if (lane === undefined) return false
    const before = lane.queue.length
    const freed = lane.acknowledge(received, processed)
    if (freed < 0) return false
    const acked = before - lane.queue.length
    this.messages -= acked
    this.ackedMessages += acked
    this.bytes -= freed
    return true
  }

  /** A link carries the session: from these marks on, within this grant. False: the marks are impossible. */
  begin(grant: Grant, marks: readonly Marks[]): boolean {
    this.credit.begin(grant)
    return this.lanes.every((lane, index) => {
      const { received, processed } = marks[index] ?? { received: 0, processed: 0 }
      if (!this.acknowledge(index, Math.max(received, processed), processed)) return false
      const replayed = lane.resume(received)
      this.replayedMessages += Math.max(0, replayed)
      return replayed >= 0
    })
  }

  /** No link carries the session. */
  unlink(): void {
    for (const lane of this.lanes) lane.unlink()
  }

  renumber(): void {
    for (const lane of this.lanes) lane.renumber()
  }

  /** Empties every lane, most urgent first. */
  takeOutcome(): Unfinished {
    this.messages = 0
    this.bytes = 0
    return together(this.lanes.map((lane) => lane.takeOutcome()))
  }

  /** Takes back what was on no link of this session and can never be on one: too large, or with what the peer does not know. */
  withdrawUnfit(extensions: boolean): Unfinished {
    if (this.messages === 0) return together([])
    const most = this.credit.messageBytesMax
    const unfit = ({ bytes, extension }: OutboundMessage): boolean =>
      bytes > most || (extension !== null && !extensions)
    return this.#forget(together(this.lanes.map((lane) => lane.withdraw(unfit))))
  }

  /**
   * Messages that were taken back when it was their turn, because their bytes are not those that were queued; null when
   * there are none. Each is told once.
   */
  takeChanged(): Unfinished | null {
    const changed = this.#changed
    this.#changed = null
    return changed
  }

  #forget(outcome: Unfinished): Unfinished {
    for (const message of [...outcome.undelivered, ...outcome.unknown]) {
      this.messages--
      this.bytes -= message.bytes
    }
    return outcome
  }

  /**
   * What goes on the link now, already counted as sent; null when nothing may. Fills everything of the header but the
   * marks and the stamp. `hold` keeps chunks of large messages back.
   */
  next(capabilities: WireCapabilities, hold: boolean): Run | null {
    this.#turn++
    const fair = this.#turn % FAIR_TURN === 0
    const count = this.lanes.length
    for (let step = 0; step < count; step++) {
      const index = fair ? count - 1 - step : step
      const lane = this.#lane(index)
      if (lane.sent < lane.tail && this.#fill(index, lane, capabilities, hold)) return this.#run
    }
    return null
  }

  #fill(index: number, lane: OutLane, capabilities: WireCapabilities, hold: boolean): boolean {
    const run = this.#run
    const first = this.#first(lane)
    if (first === undefined) return false
    const cut = capabilities.chunks && first.bytes > this.#runs.batchBytes
    if (cut && hold) return false
    run.lane = lane
    run.index = lane.sent - lane.base
    run.header.lane = index
    run.header.firstSeq = lane.sent + 1
    run.header.ackNow = false
    return cut ? this.#fillChunk(lane, first.bytes, run) : this.#fillBatch(lane, capabilities, run)
  }

  /** What a lane sends next. A message whose length has changed would make bytes of others look like its own. */
  #first(lane: OutLane): OutboundMessage | undefined {
    for (;;) {
      const first = lane.queue.at(lane.sent - lane.base)
      if (first === undefined || isIntact(first) || lane.sent < lane.high) return first
      const none: Unfinished = { undelivered: [], unknown: [] }
      const taken = this.#forget(lane.withdraw((message) => !isIntact(message)))
      this.#changed = together([this.#changed ?? none, taken])
    }
  }

  #fillChunk(lane: OutLane, total: number, run: Run): boolean {
    const offset = lane.chunkOffset
    if (offset === 0) {
      if (!this.credit.covers(total)) return false
      this.credit.use(total)
    }
    run.count = run.header.count = 1
    run.chunkOffset = offset
    run.chunkLength = Math.min(this.#runs.chunkBytes, total - offset)
    if (lane.queue.at(run.index)?.settle) run.header.ackNow = true
    if (lane.putChunk(run.chunkLength, total)) {
      this.sentMessages++
      if (this.#waits(lane)) run.header.ackNow = true
    }
    this.sentBytes += run.chunkLength
    return true
  }

  #fillBatch(lane: OutLane, capabilities: WireCapabilities, run: Run): boolean {
    const most = Math.min(capabilities.batchMax, this.#runs.batchMessages, lane.queue.length - run.index)
    let count = 0
    let bytes = 0
    while (count < most) {
      const message = lane.queue.at(run.index + count)
      if (message === undefined || (count > 0 && bytes + message.bytes > this.#runs.batchBytes)) break
      if (!this.credit.covers(message.bytes) || !isIntact(message)) break
      this.credit.use(message.bytes)
      if (message.settle !== null) run.header.ackNow = true
      bytes += message.bytes
      count++
    }
    if (count === 0) return false
    run.count = run.header.count = count
    run.chunkOffset = run.chunkLength = 0
    lane.put(count)
    if (this.#waits(lane)) run.header.ackNow = true
    this.sentMessages += count
    this.sentBytes += bytes
    return true
  }

  /** All of it as plain data, but for the totals; see Session.save. */
  save() {
    return { lanes: this.lanes.map((lane) => lane.save()), credit: this.credit.save(), turn: this.#turn % FAIR_TURN }
  }

  restore(saved: ReturnType<Outbound['save']>): void {
    this.lanes.forEach((lane, index) => {
      lane.restore(saved.lanes[index] ?? lane.save())
    })
    this.messages = this.lanes.reduce((sum, lane) => sum + lane.queue.length, 0)
    this.bytes = this.lanes.reduce((sum, lane) => [...lane.queue].reduce((inner, { bytes }) => inner + bytes, sum), 0)
    this.credit.restore(saved.credit)
    this.#turn = saved.turn
  }

  #lane(index: number): OutLane {
    return this.lanes[index] as OutLane
  }
}

function together(outcomes: readonly Unfinished[]): Unfinished {
  return {
    undelivered: outcomes.flatMap((outcome) => outcome.undelivered),
    unknown: outcomes.flatMap((outcome) => outcome.unknown),
  }
}
