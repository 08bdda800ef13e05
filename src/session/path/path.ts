/**
 * One link that carries a session: made when both sides have agreed on the link, dropped when it carries the session no more.
 *
 * All that is true of this link alone is here and nowhere else: the credit of both ways, how far it was given each lane,
 * what it has brought of messages that are not whole, what its peer was told, how it is paced, and whether its peer lives.
 * So nothing of one link can be taken for another's: a new link is a new object. What outlives it, the session's inbound and
 * outbound know.
 */
import type { Budget } from '../../policies/policy.ts'
import type { HybridClock } from '../../wire/hlc.ts'
import { CONTROL_LANE, type InboundMessage } from '../../wire/message.ts'
import type { Verdict } from '../../wire/verdict.ts'
import type { BatchHeader, Marks, WireCapabilities } from '../../wire/wire.ts'
import type { Inbound } from '../inbound.ts'
import type { LinkId } from '../machine.ts'
import type { Outbound } from '../outbound.ts'
import { Acks } from './acks.ts'
import type { Agreed, Carried } from './carried.ts'
import { EarlyFlush } from '../../common/early-flush.ts'
import { Liveness } from './liveness.ts'
import { Pacer } from './pacer.ts'
import { Parting, type Part } from './parting.ts'
import { ReceiveCredit } from './receive-credit.ts'
import type { Run } from './run.ts'
import { Runs } from './runs.ts'
import { SendCredit } from './send-credit.ts'
import { VerdictNews } from './verdict-news.ts'

/** The lane of what overtakes all else. */
const URGENT_LANE = 0
const NONE = -1

export class Path {
  readonly link: LinkId
  readonly capabilities: WireCapabilities
  /** What the peer lets us send, and what we let the peer send. */
  readonly sending: SendCredit
  readonly receiving: ReceiveCredit
  readonly acks: Acks
  readonly liveness: Liveness
  readonly early = new EarlyFlush()
  /** How far the link was given each lane, and what it is given next. */
  readonly runs: Runs
  /** What is said of messages that failed, before anything else. */
  readonly verdicts: VerdictNews
  /** When the read that is handled came, by the wall clock, for all of its messages; 0 until one of them asks. */
  heardWallMs = 0
  /** True when it has moved something: a message came whole, or one was acked. */
  progressed = false
  readonly #inbound: Inbound
  readonly #outbound: Outbound
  readonly #clock: HybridClock
  /** Made for the first urgent message. */
  #pacer: Pacer | null = null
  /** The lane of the run that comes. */
  #lane = 0
  /** Of each lane, the bytes of a message that was admitted and is not whole yet; NONE: there is none. */
  readonly #unfinished: number[]
  /** Made for the first END: most sessions stay on their link. */
  #parting: Parting | null = null

  constructor({ inbound, outbound, clock, config }: Carried, agreed: Agreed) {
    const { link, capabilities, granted, offered, stated, nowMs } = agreed
    this.link = link
    this.capabilities = capabilities
    this.#inbound = inbound
    this.#outbound = outbound
    this.#clock = clock
    this.sending = new SendCredit(granted)
    this.receiving = new ReceiveCredit(inbound.held, offered, capabilities.credit)
    this.acks = new Acks(config.acks, this.receiving, stated)
    this.liveness = new Liveness(config.policy.keepalive, capabilities.credit, nowMs)
    this.runs = new Runs(outbound, this.sending, config.runs, capabilities)
    this.#unfinished = inbound.lanes.map(() => NONE)
    this.verdicts = new VerdictNews(inbound, outbound)
    if (outbound.urgentMs > -Infinity) this.#urgent(outbound.urgentMs)
  }

  // What comes.

  /** A run of messages begins; see WireSink. The clock is merged before any handler sees it. */
  batch(header: BatchHeader, wallMs: number): number {
    if (!this.marks(header.lane, header.received, header.processed)) return -1
    this.#clock.merge(header.stampMs, header.stampCounter, wallMs)
    if (header.lane === URGENT_LANE) this.#urgent(this.liveness.heardMs)
    const lane = this.#inbound.laneOf(header.lane)
    if (lane === undefined) return -1
    this.#lane = header.lane
    if (header.ackNow) lane.urgentUpTo = header.firstSeq + header.count - 1
    if (lane.beginsAt(header.firstSeq)) this.acks.tell(header.lane, lane)
    return lane.duplicates(header.firstSeq, header.count)
  }

  /** A message of the current run arrives, at least its beginning; see WireSink. */
  admit(bytes: number, duplicate: boolean): boolean {
    const control = this.#lane === CONTROL_LANE
    if (!(control ? this.#inbound.admitsWord(bytes, duplicate) : this.receiving.take(bytes, duplicate))) return false
    if (duplicate) {
      this.#inbound.duplicates++
      // The sender does not know that we have it: tell it soon, or it keeps its copy for nothing.
      this.acks.hurry()
    } else if (!control) {
      this.#unfinished[this.#lane] = bytes
    }
    return true
  }

  /** The message that was admitted last in its lane is whole. */
  complete(message: InboundMessage, nowMs: number): void {
    this.#unfinished[message.lane] = NONE
    this.progressed = true
    this.#inbound.complete(message, this.acks, nowMs)
  }

  /** The peer's marks for one lane. False: they are impossible. */
  marks(lane: number, received: number, processed: number): boolean {
    const before = this.#outbound.ackedMessages
    if (!this.#outbound.acknowledge(lane, received, processed)) return false
    this.runs.catchUp(lane)
    if (this.#outbound.ackedMessages > before) this.progressed = true
    return true
  }

  /**
   * Verdicts of the peer, the first with this number, and how many of ours it has by now. False: it judges what was never
   * sent, leaves some out, or was told less.
   */
  judge(first: number, verdicts: readonly Verdict[], taken: number, nowMs: number): boolean {
    if (!this.verdicts.hear(first, verdicts, taken)) return false
    this.#inbound.confirm(taken, this.acks, nowMs)
    return true
  }

  // What goes.

  /** What goes on the link now; null: nothing may. `givenBytes` is all that it was given. */
  next(wallMs: number, nowMs: number, givenBytes: number): Run | null {
    const hold = this.#pacer !== null && this.#pacer.holds(givenBytes, nowMs)
    const run = this.runs.next(hold, this.#parting?.isParting)
    if (run === null) return null
    const { header } = run
    if (header.lane === URGENT_LANE) this.#urgent(nowMs)
    this.#clock.tick(wallMs)
    header.stampMs = this.#clock.ms
    header.stampCounter = this.#clock.counter
    header.nowMs = nowMs
    const lane = this.#inbound.lanes[header.lane]
    header.received = lane?.received ?? 0
    header.processed = lane?.processed ?? 0
    if (lane !== undefined) this.acks.ride(header.lane, lane)
    return run
  }

  /** True when the peer is to be asked, after a chunk, for an echo of all that the link was given. */
  asksEcho(givenBytes: number, nowMs: number): boolean {
    return this.#pacer !== null && this.#pacer.asks(givenBytes, nowMs)
  }

  /** The peer has everything up to here. True: it has answered the question that is waited for. */
  echo(token: number, nowMs: number): boolean {
    this.#pacer?.echo(token, nowMs)
    // Who paces asks for echoes, too; a protocol without chunks gives another number back than it was given.
    return this.liveness.answered(this.capabilities.chunks ? token : null, nowMs)
  }

  /** Only chunks can be held back. */
  #urgent(nowMs: number): void {
    if (!this.capabilities.chunks) return
    this.#outbound.urgentMs = nowMs
    this.#pacer ??= new Pacer()
    this.#pacer.urgent(nowMs)
  }

  // What the peer is told.

  /** True when a bare ack must go out by now. */
  owesAck(nowMs: number): boolean {
    return this.acks.isDue(this.#inbound.lanes, nowMs)
  }

  /** An ack goes out with these marks, of every lane. */
  tellMarks(): readonly Marks[] {
    const { lanes } = this.#inbound
    for (let index = 0; index < lanes.length; index++) this.acks.tell(index, lanes[index] as Marks)
    this.acks.said()
    return this.#inbound.marks()
  }

  /** An ack goes out with this credit. `more` false: no more than the peer knows. */
  tellCredit(more: boolean): Budget {
    return more ? this.receiving.tell() : this.receiving.told
  }

  // What is said when the session is to move to another link.

  /** No message begins here any more, because of the link with this epoch; `stays`: they go on after all. */
  part({ epoch, stays }: Part): void {
    this.#parting ??= new Parting()
    if (stays) this.#parting.stay(epoch)
    else this.#parting.part(epoch)
  }

  get owesPart(): boolean {
    return this.#parting !== null && this.#parting.owes(this.runs)
  }

  /** What the peer is to be told of that now, behind all that was put on the link; null: nothing. */
  tellPart(): Part | null {
    return this.#parting?.say(this.runs) ?? null
  }

  /** The link is dropped: what is only half there will never be whole. */
  end(): void {
    for (const bytes of this.#unfinished) if (bytes >= 0) this.#inbound.held.release(bytes)
  }

  /** All of it as plain data, but for how it is paced; see Session.save. */
  save() {
    return {
      link: this.link,
      sending: this.sending.save(),
      receiving: this.receiving.save(),
      acks: this.acks.save(),
      runs: this.runs.save(),
      lane: this.#lane,
      unfinished: [...this.#unfinished],
      verdicts: this.verdicts.save(),
      progressed: this.progressed,
      parting: (this.#parting ?? new Parting()).save(),
    }
  }

  restore(saved: SavedPath): void {
    this.sending.restore(saved.sending)
    this.receiving.restore(saved.receiving)
    this.acks.restore(saved.acks)
    this.runs.restore(saved.runs)
    this.#lane = saved.lane
    this.#unfinished.splice(0, this.#unfinished.length, ...saved.unfinished)
    this.verdicts.restore(saved.verdicts)
    this.progressed = saved.progressed
    this.#parting = new Parting()
    this.#parting.restore(saved.parting)
  }
}

/** What `Path.save()` gives. */
export type SavedPath = ReturnType<Path['save']>
