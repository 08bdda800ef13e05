/**
 * The data path of one connection: from the link to the dispatch queue, and from the lanes to the link.
 *
 * A straight call path without promises or observables. Writes are gathered: whatever is sent in one turn leaves in one
 * write at its end. Acks and credit ride on data or go out bare when the session says that they are due. It also watches
 * the link for silence.
 */
import { keepaliveDeadline, keepaliveVerdict } from '../policies/keepalive.ts'
import { Pacer } from '../session/pacer.ts'
import type { Run } from '../session/run.ts'
import type { Session } from '../session/session.ts'
import type { InboundMessage, MessageOwner, Standing } from '../wire/message.ts'
import type { Failure, Verdict } from '../wire/verdict.ts'
import type { BatchHeader } from '../wire/wire.ts'
import type { Inbox } from './inbox.ts'
import type { DataSink, LinkPort } from './link-port.ts'
import { encodeVerdicts } from './failure.ts'
import type { Shared } from './shared.ts'

/** Bytes that are encoded before they are handed to the link, at most. */
const WRITE_BYTES = 256 * 1024

/**
 * Answers that wait while their requests are still being read, until the peer gets the first of them: it works on them
 * while we work on the rest. Twice as many each time, so that a long read costs few writes more.
 */
const EARLY_MESSAGES = 16

/** The lane of what overtakes all else. */
const URGENT_LANE = 0

/** What a flow tells its connection. */
export interface FlowOwner {
  /** The messages of a turn are taken and acks are counted. */
  afterTurn(): void
  /** A message is finished: an ack may be due. Called for every message. */
  afterFinish(): void
  /** The link is silent for too long. */
  silent(reason: string): void
  /** A peer's stamps are this far ahead. */
  skewed(aheadMs: number): void
}

export class Flow implements DataSink, MessageOwner {
  readonly #shared: Shared
  readonly #session: Session
  readonly #inbox: Inbox
  readonly #owner: FlowOwner
  readonly #lends: boolean
  /** Made for the first urgent message. */
  #pacer: Pacer | null = null
  #port: LinkPort | null = null
  #heardMs = 0
  /** The same by the wall clock, for all messages that came together; 0 until one of them asks. */
  #heardWallMs = 0
  #askedMs = 0
  /** The peer's question that was not answered yet. */
  #token: number | null = null
  #flush: 'none' | 'scheduled' = 'none'
  #skew: 'none' | 'told' = 'none'
  /** Messages since the last early flush, and how many make the next one; Infinity outside of a read. */
  #queued = 0
  #early = Infinity
  /** A peer without credit is slowed down by not reading it. */
  #reading: 'on' | 'paused' = 'on'
  /** Since when it is. */
  #pausedMs = 0
  readonly #runFlush = (): void => {
    this.#flush = 'none'
    this.flush()
  }

  constructor(shared: Shared, session: Session, inbox: Inbox, owner: FlowOwner) {
    this.#shared = shared
    this.#session = session
    this.#inbox = inbox
    this.#owner = owner
    this.#lends = session.config.policy.bodies === 'lend'
  }

  get port(): LinkPort | null {
    return this.#port
  }

  /** The link carries the session from now on. */
  attach(port: LinkPort): void {
    this.detach()
    this.#port = port
    this.#heardMs = this.#shared.runtime.clock.nowMs()
    this.#heardWallMs = 0
    this.#early = Infinity
    this.#token = null
    this.#reading = 'on'
    this.#pacer?.begin()
    port.engage(this)
    this.throttle()
    this.schedule()
  }

  detach(): void {
    if (this.#port !== null) this.#port.sink = null
    this.#port = null
  }

  /** Sends what waits at the end of this turn. */
  schedule(): void {
    if (this.#flush === 'scheduled' || this.#port === null) return
    this.#flush = 'scheduled'
    this.#shared.runtime.clock.defer(this.#runFlush)
  }

  /** A message was queued: it leaves at the end of this turn, or at once when many wait for the end of a read. */
  queued(): void {
    this.schedule()
    if (++this.#queued < this.#early) return
    this.#queued = 0
    this.#early *= 2
    this.flush()
  }

  /** Sends what may be sent now. */
  flush(): void {
    if (this.#port === null || this.#port.blocked) return
    const { out, runtime, stamps } = this.#shared
    const wallMs = stamps.wallMs()
    const port = this.#port
    if (port === null) return
    const session = this.#session
    const { wire } = port
    const before = session.outbound.messages
    for (const chunk of wire.takeHandshake()) out.attach(chunk)
    const nowMs = runtime.clock.nowMs()
    encodeVerdicts(session, wire, out)
    // Credit goes first: under a flood of our own data the peer's must not starve.
    if (session.inbound.credit.worthTelling) this.#encodeAck(port)
    for (let run = this.#next(port, wallMs, nowMs); run !== null; run = this.#next(port, wallMs, nowMs)) {
      this.#encode(run, port, nowMs)
      if (out.length >= WRITE_BYTES) this.#write(port)
      if (port.blocked) break
    }
    // A bare ack is small: it goes out even when the link has just become full.
    if (session.inbound.ackIsDue(nowMs)) this.#encodeAck(port)
    if (this.#token !== null) {
      wire.encodeKeepaliveAck(out, this.#token)
      this.#token = null
    }
    if (out.length > 0) this.#write(port)
    // A protocol without acks settles what it hands to the link; and what changed since it was queued was taken back.
    if (session.outbound.messages < before || session.outbound.isSpoiled) this.#owner.afterTurn()
  }

  #next(port: LinkPort, wallMs: number, nowMs: number): Run | null {
    const hold = this.#pacer !== null && this.#pacer.holds(this.#given(port), nowMs)
    return this.#session.next(wallMs, hold)
  }

  #encode({ header, lane, index, count, chunkOffset, chunkLength }: Run, port: LinkPort, nowMs: number): void {
    const { wire } = port
    const { out } = this.#shared
    if (header.lane === URGENT_LANE) this.#urgent(nowMs)
    const first = lane.queue.at(index)
    if (chunkLength === 0 || first === undefined) {
      wire.encodeBatch(out, header, lane.queue, index, count)
      return
    }
    wire.encodeChunk(out, header, first, chunkOffset, chunkLength)
    const given = this.#given(port)
    if (this.#pacer?.asks(given, nowMs) === true) wire.encodeKeepalive(out, given)
  }

  /** Only chunks can be held back. */
  #urgent(nowMs: number): void {
    if (this.#port?.wire.capabilities.chunks !== true) return
    this.#pacer ??= new Pacer()
    this.#pacer.urgent(nowMs)
  }

  /** All that this link was given, what is encoded for it included: the token of an echo. */
  #given(port: LinkPort): number {
    return port.takenBytes + this.#shared.out.length
  }

  /** The last words of an orderly end: the marks, then goodbye. */
  goodbye(port: LinkPort, reason: string): void {
    // A link that was adopted in this very turn has its CONFIRM still to send; nothing may come before it.
    for (const chunk of port.wire.takeHandshake()) this.#shared.out.attach(chunk)
    encodeVerdicts(this.#session, port.wire, this.#shared.out)
    this.#encodeAck(port)
    port.wire.encodeGoodbye(this.#shared.out, reason)
    this.#write(port)
    if (port === this.#port) this.detach()
    port.close()
  }

  #encodeAck(port: LinkPort): void {
    const { inbound } = this.#session
    port.wire.encodeAck(this.#shared.out, inbound.marks(), this.#session.tellCredit())
    for (const lane of inbound.lanes) lane.tell()
    inbound.told()
  }

  /** Without credit a full window stops the link, and with some left a full memory: its silence is our own doing then. */
  throttle(): void {
    const port = this.#port
    if (port === null) return
    const { credit } = this.#session.inbound
    const wanted = (!port.wire.capabilities.credit && credit.exhausted) || credit.mustWait ? 'paused' : 'on'
    if (wanted === this.#reading) return
    this.#reading = wanted
    if (wanted === 'paused') {
      this.#pausedMs = this.#shared.runtime.clock.nowMs()
      port.link.pause()
    } else {
      this.#heardMs = this.#shared.runtime.clock.nowMs()
      port.link.resume()
    }
  }

  #write(port: LinkPort): void {
    const { out } = this.#shared
    port.write(out.take())
    out.lend(port)
  }

  /** When the flow wants `tick`, in ms. */
  get deadlineMs(): number {
    if (this.#port === null) return Infinity
    const { keepalive } = this.#session.config.policy
    const { credit } = this.#port.wire.capabilities
    const patience = credit ? this.#pausedMs + keepalive.timeoutMs : Infinity
    const silence = this.#reading === 'on' ? keepaliveDeadline(keepalive, this.#heardMs, this.#askedMs) : patience
    const { ackDueMs } = this.#session.inbound
    // A flush is scheduled already for what is due now, and `writable` will come for a link that is blocked.
    return ackDueMs === -Infinity || this.#port.blocked ? silence : Math.min(silence, ackDueMs)
  }

  tick(nowMs: number): void {
    const port = this.#port
    if (port === null) return
    if (this.#session.inbound.ackDueMs <= nowMs) this.flush()
    const { keepalive } = this.#session.config.policy
    if (this.#reading === 'paused') {
      // A new link begins without credit, so it is read: handlers may wait for what lies in this one.
      if (port.wire.capabilities.credit && nowMs >= this.#pausedMs + keepalive.timeoutMs)
        this.#owner.silent(`what handlers hold has left no memory to read the link for ${keepalive.timeoutMs} ms`)
      return
    }
    const verdict = keepaliveVerdict(keepalive, nowMs, this.#heardMs, this.#askedMs)
    if (verdict !== 'wait' && port.tookMore()) {
      // The peer is busy reading, and our question would wait behind all that.
      this.#heardMs = nowMs
      return
    }
    if (verdict === 'dead') this.#owner.silent(`nothing came from the peer for ${keepalive.timeoutMs} ms`)
    if (verdict !== 'ask') return
    this.#askedMs = nowMs
    if (port.blocked) return
    // A protocol without chunks is not paced; its peers may expect a time.
    const token = port.wire.capabilities.chunks ? this.#given(port) : Math.floor(nowMs)
    port.wire.encodeKeepalive(this.#shared.out, token)
    this.#write(port)
  }

  /** There is memory again: who waited for it reads on, and tells its peer. */
  easier(): void {
    if (this.#port === null) return
    if (this.#reading === 'paused') this.throttle()
    if (!this.#session.inbound.credit.untold) return
    this.#session.inbound.ackDueMs = -Infinity
    this.schedule()
  }

  // What the port tells.

  heard(): void {
    this.#heardMs = this.#shared.runtime.clock.nowMs()
    this.#heardWallMs = 0
    this.#queued = 0
    this.#early = EARLY_MESSAGES
  }

  batch(header: BatchHeader): number {
    if (this.#heardWallMs === 0) this.#heardWallMs = this.#shared.runtime.clock.wallMs()
    const aheadMs = header.stampMs - this.#heardWallMs
    if (aheadMs <= this.#shared.limits.maxDriftMs) this.#shared.stamps.cover(header.stampMs)
    else if (this.#skew === 'none') {
      this.#skew = 'told'
      this.#owner.skewed(aheadMs)
    }
    if (this.#port === null) return header.count
    if (header.lane === URGENT_LANE) this.#urgent(this.#heardMs)
    return this.#session.batch(header, this.#heardWallMs)
  }

  admit(bytes: number, skipped: boolean): boolean {
    return this.#session.admit(bytes, skipped)
  }

  message(message: InboundMessage, standing: Standing): void {
    message.owner = this
    this.#session.complete(message, this.#heardMs)
    const { dispatchers, queue, services } = this.#shared
    // The sink hears its port only while they are together.
    const { chunk } = this.#port as LinkPort
    if (services.isControl(message)) {
      chunk.give(message, standing)
      standing = 'own'
      if (this.#isTaken(message)) return
    }
    if (dispatchers.hasFast && message.extensionBytes === 0) {
      if (chunk.show(message, standing)) standing = 'own'
      const taken = dispatchers.fast(message, this.#inbox.owner.connection)
      chunk.hide()
      if (taken) {
        message.ack()
        // Else the ack has given it back, and given twice it would be two messages' memory.
        if (standing === 'own' && !this.#lends) this.#shared.bodies.give(message)
        return
      }
      if (this.#port === null) {
        // It ended the connection instead: nothing is dispatched any more.
        this.drop(message)
        return
      }
    }
    if (this.#lends) chunk.lend(message, standing)
    else chunk.give(message, standing)
    queue.add(this.#inbox, message)
  }

  /** A word for a service, which does not wait in any queue. False: it is a message like any other. */
  #isTaken(message: InboundMessage): boolean {
    const pending = this.#shared.services.control(message, this.#inbox.owner.connection)
    if (pending === 'pass') {
      if (this.#port !== null) return false
      // The service ended the connection: nothing is dispatched any more.
      this.drop(message)
    } else if (pending === null) message.ack()
    else void pending.then(() => message.ack())
    return true
  }

  /** It will never reach a handler: its session is over. */
  drop(message: InboundMessage): void {
    message.owner = null
    this.#session.inbound.discard(message)
    this.#giveBack(message)
  }

  marks(lane: number, received: number, processed: number): boolean {
    return this.#session.marks(lane, received, processed)
  }

  credit(messages: number, bytes: number): void {
    this.#session.outbound.credit.grant(messages, bytes)
  }

  verdicts(first: number, verdicts: readonly Verdict[], taken: number): boolean {
    return this.#session.judge(first, verdicts, taken, this.#heardMs)
  }

  keepalive(token: number): void {
    this.#token = token
  }

  keepaliveAck(token: number): void {
    this.#pacer?.echo(token, this.#heardMs)
  }

  turn(): void {
    this.#shared.queue.run()
    this.#early = Infinity
    this.throttle()
    this.#owner.afterTurn()
    const { outbound, inbound } = this.#session
    const owes = this.#token !== null || this.#session.owesVerdicts
    if (outbound.hasWork || inbound.ackDueMs === -Infinity || owes) this.schedule()
  }

  writable(): void {
    this.flush()
  }

  /** A handler is done with a message, perhaps long after its session ended. */
  finished(message: InboundMessage, failure?: Failure): void {
    // The time of the last read is early enough: a slow handler's ack then goes out at once.
    if (this.#session.finish(message, this.#heardMs, failure)) this.schedule()
    this.#giveBack(message)
    if (this.#reading === 'paused') this.throttle()
    this.#owner.afterFinish()
  }

  #giveBack(message: InboundMessage): void {
    message.loan?.done()
    message.loan = null
    if (this.#lends) this.#shared.bodies.give(message)
  }
}
