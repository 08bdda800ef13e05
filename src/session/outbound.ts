/**
 * Everything that one session sends: its lanes, the limit on what they hold, the peer's credit, and what goes next.
 *
 * Order: the most urgent lane that has something to send goes first; every eighth run goes to the least urgent one, so
 * that no lane starves. A run is many small messages of a lane, or one chunk of a large message: a large message never
 * holds up a more urgent lane for more than a chunk. Limit: `policy.replay`, over all lanes, waiting and unacked.
 *
 * Control words have a lane of their own, made for the first of them. They go before all else and wait for no credit: what
 * bounds them is how far they may be ahead of what the peer has finished. They end with their session, and are in no outcome.
 */
import type { Budget } from '../policies/policy.ts'
import { CONTROL_LANE, CONTROL_WORDS, LANES, isIntact, laneOf } from '../wire/message.ts'
import type { OutboundMessage } from '../wire/message.ts'
import type { Verdict } from '../wire/verdict.ts'
import type { BatchHeader, Grant, Marks, WireCapabilities } from '../wire/wire.ts'
import { SendCredit } from './credit.ts'
import { OutLane, together } from './out-lane.ts'
import type { Failed, Unfinished } from './out-lane.ts'
import type { Run, RunLimits } from './run.ts'

const FAIR_TURN = 8
const NONE_FAILED: readonly Failed[] = []

/** How many control words one who says them may have unfinished, queued ones included. */
const RESERVE = 16

export class Outbound {
  /** Those of messages; behind them that of control words, once there was one. */
  readonly lanes: OutLane[]
  readonly credit = new SendCredit()
  /** What the lanes of messages hold. */
  messages = 0
  bytes = 0
  /** Totals since the connection was made, for dumps. */
  sentMessages = 0
  sentBytes = 0
  replayedMessages = 0
  ackedMessages = 0
  withdrawnMessages = 0
  failedMessages = 0
  /** How many verdicts of this session came, and whether the peer is to be told. */
  takenVerdicts = 0
  owesTaken = false
  readonly #limit: Budget
  /** The part of the limit from which on a sender should wait. */
  readonly #highWater: number
  readonly #runs: RunLimits
  readonly #run: Run
  /**
   * A message that has its number already has lost its bytes, and cannot be sent (again): the peer waits for it, so nothing
   * more is sent, and the session cannot go on.
   */
  isSpoiled = false
  /** What cannot be sent any more; see takeChanged. */
  #changed: Unfinished | null = null
  #turn = 0
  /** Some message of this connection has failed: most have none. */
  #judged = false

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
    this.#laneFor(message).queue.push(message)
    this.messages++
    this.bytes += message.bytes
  }

  /** True when something is not acked. */
  get hasWork(): boolean {
    return this.messages > 0 || (this.lanes[CONTROL_LANE]?.queue.length ?? 0) > 0
  }

  /**
   * A control word, beside all limits but the reserve of who says it; `own` knows its words. False: that is used up. Where
   * there is no such lane, it goes with the messages, and the reserve is what may be there beyond their limit.
   */
  enqueueControl(message: OutboundMessage, own: (message: OutboundMessage) => boolean, apart: boolean): boolean {
    if (!apart) {
      if (this.messages >= this.#limit.messages + RESERVE) return false
      this.enqueue(message)
      return true
    }
    const lane = (this.lanes[CONTROL_LANE] ??= new OutLane())
    let unfinished = 0
    for (const queued of lane.queue) if (own(queued)) unfinished++
    if (unfinished >= RESERVE) return false
    lane.queue.push(message)
    return true
  }

  /**
   * The sender wants it no more. What is on no link is taken back and never sent. Returns what is true of it from now on:
   * whether the peer may have it. Null: it is on a link, or not here, and nothing has changed.
   */
  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' | null {
    const fate = this.#laneFor(message).takeBack(message)
    if (fate === null) return null
    this.messages--
    this.bytes -= message.bytes
    this.withdrawnMessages++
    return fate
  }

  /** The peer says that messages failed; `first` is the number of the first verdict. False: that is impossible. */
  judge(first: number, verdicts: readonly Verdict[]): boolean {
    if (first < 1 || first > this.takenVerdicts + 1) return false
    for (const verdict of verdicts) if (this.lanes[verdict.lane]?.judge(verdict) !== true) return false
    this.takenVerdicts = Math.max(this.takenVerdicts, first + verdicts.length - 1)
    this.owesTaken = true
    this.#judged = true
    return true
  }

  /** Messages whose end is that they failed, since the last call. */
  takeFailed(): readonly Failed[] {
    if (!this.#judged) return NONE_FAILED
    const failed = this.lanes.flatMap((lane) => lane.takeFailed())
    this.failedMessages += failed.length
    return failed
  }

  #forgetVerdicts(): void {
    for (const lane of this.lanes) {
      const { messages, bytes } = lane.settleFailed()
      this.messages -= messages
      this.bytes -= bytes
    }
    this.takenVerdicts = 0
    this.owesTaken = false
  }

  /** Takes marks of the peer. False: they are impossible. */
  acknowledge(laneIndex: number, received: number, processed: number): boolean {
    const lane = this.lanes[laneIndex]
    if (lane === undefined) return laneIndex === CONTROL_LANE && received === 0
    const before = lane.queue.length
    const freed = lane.acknowledge(received, processed)
    if (freed < 0) return false
    const acked = before - lane.queue.length
    this.ackedMessages += acked
    if (laneIndex === CONTROL_LANE) return true
    this.messages -= acked
    this.bytes -= freed
    return true
  }

  /** A link carries the session: from these marks on, within this grant. False: the marks are impossible. */
  begin(grant: Grant, marks: readonly Marks[]): boolean {
    this.credit.begin(grant)
    if (marks.slice(this.lanes.length).some(({ received }) => received > 0)) return false
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

  /** A new session goes on with the messages of the lost one; its control words are over. */
  renumber(): void {
    this.isSpoiled = false
    this.#forgetVerdicts()
    this.lanes.length = Math.min(this.lanes.length, CONTROL_LANE)
    for (const lane of this.lanes) lane.renumber()
  }

  /** Empties every lane, most urgent first. */
  takeOutcome(): Unfinished {
    this.isSpoiled = false
    this.#forgetVerdicts()
    this.messages = 0
    this.bytes = 0
    this.lanes.length = Math.min(this.lanes.length, CONTROL_LANE)
    return together(this.lanes.map((lane) => lane.takeOutcome()))
  }

  /** Takes back what was on no link of this session and can never be on one: too large, or with what the peer does not know. */
  withdrawUnfit({ extensions, controlLane }: WireCapabilities): Unfinished {
    if (!controlLane) this.lanes.length = Math.min(this.lanes.length, CONTROL_LANE)
    const most = this.credit.messageBytesMax
    return this.withdraw(({ bytes, extension }) => bytes > most || (extension !== null && !extensions))
  }

  /** Takes back those of these messages that are on no link of this session; they will never be sent. */
  withdraw(which: (message: OutboundMessage) => boolean): Unfinished {
    return this.#forget(together(this.lanes.slice(0, CONTROL_LANE).map((lane) => lane.withdraw(which))))
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
    if (this.isSpoiled) return null
    this.#turn++
    const control = this.lanes[CONTROL_LANE]
    if (control !== undefined && this.#fillControl(control, capabilities)) return this.#run
    const fair = this.#turn % FAIR_TURN === 0
    const count = Math.min(this.lanes.length, CONTROL_LANE)
    for (let step = 0; step < count; step++) {
      const index = fair ? count - 1 - step : step
      const lane = this.#lane(index)
      if (lane.sent < lane.tail && this.#fill(index, lane, capabilities, hold)) return this.#run
      if (this.isSpoiled) return null
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
      if (first === undefined || isIntact(first)) return first
      if (lane.sent < lane.high) {
        this.isSpoiled = true
        return undefined
      }
      const taken = this.#forget(lane.withdraw((message) => !isIntact(message)))
      this.#changed = together(this.#changed === null ? [taken] : [this.#changed, taken])
    }
  }

  /** Control words that fit; their credit is what the peer has finished of them. */
  #fillControl(lane: OutLane, capabilities: WireCapabilities): boolean {
    const most = Math.min(lane.base + CONTROL_WORDS, lane.tail) - lane.sent
    if (most <= 0) return false
    const run = this.#run
    run.lane = lane
    run.index = lane.sent - lane.base
    run.header.lane = CONTROL_LANE
    run.header.firstSeq = lane.sent + 1
    run.header.ackNow = true
    run.chunkOffset = run.chunkLength = 0
    let count = 0
    for (let bytes = 0; count < Math.min(most, capabilities.batchMax); count++) {
      bytes += lane.queue.at(run.index + count)?.bytes ?? 0
      if (count > 0 && bytes > this.#runs.batchBytes) break
    }
    run.count = run.header.count = count
    lane.put(count)
    this.sentMessages += count
    return true
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
    return {
      lanes: this.lanes.map((lane) => lane.save()),
      credit: this.credit.save(),
      turn: this.#turn % FAIR_TURN,
      takenVerdicts: this.takenVerdicts,
      owesTaken: this.owesTaken,
    }
  }

  restore(saved: ReturnType<Outbound['save']>): void {
    this.lanes.length = Math.min(this.lanes.length, saved.lanes.length)
    saved.lanes.forEach((one, index) => {
      const lane = (this.lanes[index] ??= new OutLane())
      lane.restore(one)
    })
    const lanes = this.lanes.slice(0, CONTROL_LANE)
    this.messages = lanes.reduce((sum, lane) => sum + lane.queue.length, 0)
    this.bytes = lanes.reduce((sum, lane) => [...lane.queue].reduce((inner, { bytes }) => inner + bytes, sum), 0)
    this.credit.restore(saved.credit)
    this.#turn = saved.turn
    this.takenVerdicts = saved.takenVerdicts
    this.owesTaken = saved.owesTaken
    this.#judged = true
  }

  /** A protocol with fewer lanes keeps all that is less urgent in its last one. */
  #laneFor({ priority }: OutboundMessage): OutLane {
    return this.#lane(Math.min(laneOf(priority), this.lanes.length - 1))
  }

  #lane(index: number): OutLane {
    return this.lanes[index] as OutLane
  }
}
