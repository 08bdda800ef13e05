/**
 * Everything that one session sends: its lanes, the limit on what they hold, and how each message ends.
 *
 * It outlives links. What one link was given, and what it is given next, is the path's: see path/runs.ts. Limit:
 * `policy.replay`, over all lanes, waiting and unacked.
 *
 * Control words have a lane of their own, made for the first of them. What bounds them is how far they may be ahead of what
 * the peer has finished. They end with their session, and are in no outcome.
 */
import type { Budget } from '../policies/policy.ts'
import { CONTROL_LANE, LANES, isIntact, laneOf, type OutboundMessage } from '../wire/message.ts'
import type { Verdict } from '../wire/verdict.ts'
import type { Marks, WireCapabilities } from '../wire/wire.ts'
import { Backlog } from './backlog.ts'
import { NO_MARKS, OutLane, atLeast, together, type Failed, type Unfinished } from './out-lane.ts'

const NONE_FAILED: readonly Failed[] = []
const UNKNOWN: Budget = { messages: Infinity, bytes: Infinity }

/** How many control words one who says them may have unfinished, queued ones included. */
const RESERVE = 16

export class Outbound {
  /** Those of messages; behind them that of control words, once there was one. */
  readonly lanes: OutLane[]
  /** What the peer can hold of ours at once, and so the largest message; Infinity while unknown. */
  peerWindow = UNKNOWN
  /** When something urgent went or came last, in ms: large messages are held back for its sake. */
  urgentMs = -Infinity
  /** What the lanes of messages hold. */
  readonly backlog: Backlog
  /** Totals since the connection was made, for dumps. */
  sentMessages = 0
  sentBytes = 0
  replayedMessages = 0
  ackedMessages = 0
  withdrawnMessages = 0
  failedMessages = 0
  /** How many verdicts of this session came. */
  takenVerdicts = 0
  /**
   * A message that has its number already has lost its bytes, and cannot be sent (again): the peer waits for it, so nothing
   * more is sent, and the session cannot go on.
   */
  isSpoiled = false
  /** What cannot be sent any more; see takeChanged. */
  #changed: Unfinished | null = null
  /** Some message of this connection has failed: most have none. */
  #judged = false

  constructor(limit: Budget, highWater: number, lanes = LANES) {
    this.lanes = []
    for (let index = 0; index < lanes; index++) this.lanes.push(new OutLane())
    this.backlog = new Backlog(limit, highWater)
  }

  get messages(): number {
    return this.backlog.messages
  }

  get bytes(): number {
    return this.backlog.bytes
  }

  enqueue(message: OutboundMessage): void {
    this.#laneFor(message).queue.push(message)
    this.backlog.add(message.bytes)
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
      if (this.backlog.isBeyond(RESERVE)) return false
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
    this.backlog.remove(1, message.bytes)
    this.withdrawnMessages++
    return fate
  }

  /** The peer says that messages failed; `first` is the number of the first verdict. False: that is impossible. */
  judge(first: number, verdicts: readonly Verdict[]): boolean {
    if (first < 1 || first > this.takenVerdicts + 1) return false
    for (const verdict of verdicts) if (this.lanes[verdict.lane]?.judge(verdict) !== true) return false
    this.takenVerdicts = Math.max(this.takenVerdicts, first + verdicts.length - 1)
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
      this.backlog.remove(messages, bytes)
    }
    this.takenVerdicts = 0
  }

  /** Takes marks of the peer. False: they are impossible. */
  acknowledge(laneIndex: number, received: number, processed: number): boolean {
    const lane = this.lanes[laneIndex]
    if (lane === undefined) return laneIndex === CONTROL_LANE && received === 0
    // By its base and not by its queue: who hears that a message is acked may queue the next one.
    const { base } = lane
    const freed = lane.acknowledge(received, processed)
    if (freed < 0) return false
    const acked = lane.base - base
    this.ackedMessages += acked
    if (laneIndex === CONTROL_LANE) return true
    this.backlog.remove(acked, freed)
    return true
  }

  /** A link is to carry the session: from these marks on. False: they are impossible. */
  resume(marks: readonly Marks[]): boolean {
    if (marks.slice(this.lanes.length).some(({ received }) => received > 0)) return false
    return this.lanes.every((lane, index) => {
      const { received, processed } = marks[index] ?? NO_MARKS
      if (!this.acknowledge(index, Math.max(received, processed), processed)) return false
      const replayed = lane.resume(received)
      this.replayedMessages += Math.max(0, replayed)
      return replayed >= 0
    })
  }

  /** See out-lane.ts. */
  atLeast(marks: readonly Marks[]): readonly Marks[] {
    return atLeast(this.lanes, marks)
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
    this.backlog.clear()
    this.lanes.length = Math.min(this.lanes.length, CONTROL_LANE)
    return together(this.lanes.map((lane) => lane.takeOutcome()))
  }

  /** Takes back what was on no link of this session and can never be on one: too large, or with what the peer does not know. */
  withdrawUnfit({ extensions, controlLane }: WireCapabilities): Unfinished {
    if (!controlLane) this.lanes.length = Math.min(this.lanes.length, CONTROL_LANE)
    const most = this.peerWindow.bytes
    return this.withdraw(({ bytes, extension }) => bytes > most || (extension !== null && !extensions))
  }

  /** Takes back those of these messages that are on no link of this session; they will never be sent. */
  withdraw(which: (message: OutboundMessage) => boolean): Unfinished {
    if (this.backlog.messages === 0) return { undelivered: [], unknown: [] }
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
    for (const { bytes } of [...outcome.undelivered, ...outcome.unknown]) this.backlog.remove(1, bytes)
    return outcome
  }

  /**
   * The message of a lane that comes next at this number; undefined: none may. One whose length has changed would make bytes
   * of others look like its own: it is taken back, or the session is spoiled when it has its number already.
   */
  intactAt(lane: OutLane, seq: number): OutboundMessage | undefined {
    for (;;) {
      const message = lane.queue.at(seq - 1 - lane.base)
      if (message === undefined || isIntact(message)) return message
      if (seq <= lane.high) {
        this.isSpoiled = true
        return undefined
      }
      const taken = this.#forget(lane.withdraw((message) => !isIntact(message)))
      this.#changed = together(this.#changed === null ? [taken] : [this.#changed, taken])
    }
  }

  /** All of it as plain data, but for the totals; see Session.save. */
  save() {
    return {
      lanes: this.lanes.map((lane) => lane.save()),
      peerWindow: this.peerWindow,
      takenVerdicts: this.takenVerdicts,
    }
  }

  restore(saved: ReturnType<Outbound['save']>): void {
    this.lanes.length = Math.min(this.lanes.length, saved.lanes.length)
    saved.lanes.forEach((one, index) => {
      const lane = (this.lanes[index] ??= new OutLane())
      lane.restore(one)
    })
    this.backlog.clear()
    for (const { queue } of this.lanes.slice(0, CONTROL_LANE)) for (const { bytes } of queue) this.backlog.add(bytes)
    this.peerWindow = saved.peerWindow
    this.takenVerdicts = saved.takenVerdicts
    this.#judged = true
  }

  /** A protocol with fewer lanes keeps all that is less urgent in its last one. */
  #laneFor({ priority }: OutboundMessage): OutLane {
    return this.lanes[Math.min(laneOf(priority), this.lanes.length - 1)] as OutLane
  }
}
