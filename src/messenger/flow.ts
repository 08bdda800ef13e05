/**
 * The data path of one connection: from the link that carries the session to its parts, and from its lanes to the link.
 *
 * A straight call path without promises or observables. Writes are gathered: whatever is sent in one turn leaves in one
 * write at its end. Acks and credit ride on data or go out bare when the path says that they are due. What is true of the
 * link is in the session's path; here are its port, the encoder and the clock.
 */
import type { Holder } from '../policies/held-budget.ts'
import type { Path } from '../session/path/path.ts'
import type { Run } from '../session/path/run.ts'
import type { Session } from '../session/session.ts'
import type { InboundMessage, Standing } from '../wire/message.ts'
import type { Verdict } from '../wire/verdict.ts'
import type { BatchHeader } from '../wire/wire.ts'
import { encodeVerdicts } from './failure.ts'
import type { Inbox } from './inbox.ts'
import { Intake } from './intake.ts'
import type { IntakeOwner } from './intake.ts'
import type { DataSink, LinkPort } from './link-port.ts'
import type { Shared } from './shared.ts'
import { Waiters } from './waiters.ts'

/** Bytes that are encoded before they are handed to the link, at most. */
const WRITE_BYTES = 256 * 1024

/** What a flow tells its connection. */
export interface FlowOwner {
  /** The messages of a turn are taken and acks are counted. */
  turn(): void
  /** A message is finished: an ack may be due. Called for every message. */
  afterFinish(): void
  /** The link is silent for too long. */
  silent(reason: string): void
  /** A peer's stamps are this far ahead. */
  skewed(aheadMs: number): void
}

export class Flow implements DataSink, IntakeOwner, Holder {
  readonly #shared: Shared
  readonly #session: Session
  readonly #owner: FlowOwner
  readonly #intake: Intake
  /** Who waits for the answer to a question. */
  readonly pinging = new Waiters()
  #port: LinkPort | null = null
  #flush: 'none' | 'scheduled' = 'none'
  #skew: 'none' | 'told' = 'none'
  #probe: 'none' | 'due' | 'asked' = 'none'
  readonly #runFlush = (): void => {
    this.#flush = 'none'
    this.flush()
  }

  constructor(shared: Shared, session: Session, inbox: Inbox, owner: FlowOwner) {
    this.#shared = shared
    this.#session = session
    this.#owner = owner
    this.#intake = new Intake(shared, session, inbox, this)
  }

  get port(): LinkPort | null {
    return this.#port
  }

  /** The link takes no more for now: its buffers are full. */
  get isBlocked(): boolean {
    return this.#port?.blocked === true
  }

  /** The link of the session's path is this one. */
  attach(port: LinkPort): void {
    this.detach()
    this.#port = port
    port.engage(this)
    if (this.#probe === 'asked') this.#probe = 'due'
    this.throttle()
    this.schedule()
  }

  detach(): void {
    if (this.#port !== null) this.#port.sink = null
    this.#port = null
  }

  /** What comes and goes now, does so on this; null: nothing does. */
  get path(): Path | null {
    return this.#port === null ? null : this.#session.path
  }

  // What goes.

  /** Sends what waits at the end of this turn. */
  schedule(): void {
    if (this.#flush === 'scheduled' || this.#port === null) return
    this.#flush = 'scheduled'
    this.#shared.runtime.clock.defer(this.#runFlush)
  }

  /** A message was queued: it leaves at the end of this turn, or at once when many wait for the end of a read. */
  queued(): void {
    this.schedule()
    if (this.path?.early.isDue() === true) this.flush()
  }

  /** Sends what may be sent now. */
  flush(): void {
    if (this.#port === null || this.#port.blocked) return
    const { out, runtime, stamps } = this.#shared
    const wallMs = stamps.wallMs()
    const port = this.#port
    const path = this.path
    if (port === null || path === null) return
    const { outbound } = this.#session
    const { wire } = port
    const before = outbound.messages
    for (const chunk of wire.takeHandshake()) out.attach(chunk)
    const nowMs = runtime.clock.nowMs()
    encodeVerdicts(path, wire, out)
    // Credit goes first: under a flood of our own data the peer's must not starve.
    if (path.receiving.worthTelling) this.#encodeAck(port, path)
    for (;;) {
      const run = path.next(wallMs, nowMs, this.#given(port))
      if (run === null) break
      this.#encode(run, port, path, nowMs)
      if (out.length >= WRITE_BYTES) this.#write(port)
      if (port.blocked) break
    }
    if (path.owesPart) this.#encodeParts(port, path)
    // A bare ack is small: it goes out even when the link has just become full.
    if (path.owesAck(nowMs)) this.#encodeAck(port, path)
    const { liveness } = path
    if (liveness.token !== null) {
      wire.encodeKeepaliveAck(out, liveness.token)
      liveness.token = null
    }
    if (this.#probe === 'due') {
      this.#probe = 'asked'
      this.#question(port, path, nowMs)
    }
    if (out.length > 0) this.#write(port)
    // A protocol without acks settles what it hands to the link; and what changed since it was queued was taken back.
    if (outbound.messages < before || outbound.isSpoiled) this.#owner.turn()
  }

  #encode(run: Run, port: LinkPort, path: Path, nowMs: number): void {
    const { header, lane, index, count, chunkOffset, chunkLength } = run
    const { wire } = port
    const { out } = this.#shared
    const first = lane.queue.at(index)
    if (chunkLength === 0 || first === undefined) {
      wire.encodeBatch(out, header, lane.queue, index, count)
      return
    }
    wire.encodeChunk(out, header, first, chunkOffset, chunkLength)
    const given = this.#given(port)
    if (path.asksEcho(given, nowMs)) wire.encodeKeepalive(out, given)
  }

  /** All that this link was given, what is encoded for it included: the token of an echo. */
  #given(port: LinkPort): number {
    return port.takenBytes + this.#shared.out.length
  }

  /** The last words of an orderly end: the marks, then goodbye. `path`: what the session left the link with. */
  goodbye(port: LinkPort | undefined, reason: string, path: Path | null): void {
    if (port === undefined) return
    const { out } = this.#shared
    // A link that was adopted in this very turn has its CONFIRM still to send; nothing may come before it.
    for (const chunk of port.wire.takeHandshake()) out.attach(chunk)
    if (path !== null) {
      encodeVerdicts(path, port.wire, out)
      port.wire.encodeAck(out, path.tellMarks(), path.tellCredit(false))
    }
    port.wire.encodeGoodbye(out, reason)
    this.#write(port)
    if (port === this.#port) this.detach()
    port.close()
  }

  /** The last word on the messages of this link, behind the last of them, with all that the peer must know for that. */
  #encodeParts(port: LinkPort, path: Path): void {
    this.#encodeAck(port, path)
    for (let part = path.tellPart(); part !== null; part = path.tellPart())
      port.wire.encodePart?.(this.#shared.out, part.epoch, part.stays)
  }

  #encodeAck(port: LinkPort, path: Path): void {
    port.wire.encodeAck(this.#shared.out, path.tellMarks(), path.tellCredit(this.#session.givesCredit))
  }

  #write(port: LinkPort): void {
    const { out } = this.#shared
    port.write(out.take())
    out.lend(port)
  }

  // Whether the link is read, and whether it lives.

  /** Where there is no room for what comes, the link is not read. Its silence is then our own doing. */
  throttle(): void {
    const port = this.#port
    const path = this.path
    if (port === null || path === null) return
    const { liveness } = path
    const wanted = path.receiving.mustWait
    if (wanted === liveness.isPaused) return
    const nowMs = this.#shared.runtime.clock.nowMs()
    if (wanted) {
      liveness.pause(nowMs)
      port.link.pause()
    } else {
      liveness.resume(nowMs)
      port.link.resume()
    }
  }

  /** When the flow wants `tick`, in ms. */
  get deadlineMs(): number {
    const path = this.path
    if (path === null) return Infinity
    const { deadlineMs } = path.liveness
    // A flush is scheduled already for what is due now, and `writable` will come for a link that is blocked.
    return path.acks.isDueNow || this.#port?.blocked === true ? deadlineMs : Math.min(deadlineMs, path.acks.dueMs)
  }

  tick(nowMs: number): void {
    const port = this.#port
    const path = this.path
    if (port === null || path === null) return
    if (path.acks.dueMs <= nowMs) this.flush()
    const { liveness } = path
    const verdict = liveness.look(nowMs)
    if (verdict === 'wait') return
    if (verdict === 'starved') this.#owner.silent(liveness.reason(verdict))
    // The peer is busy reading, and our question would wait behind all that.
    else if (port.tookMore()) liveness.heard(nowMs)
    else if (verdict === 'dead') this.#owner.silent(liveness.reason(verdict))
    else this.#ask(port, path, nowMs)
  }

  #ask(port: LinkPort, path: Path, nowMs: number): void {
    path.liveness.asked(nowMs)
    if (port.blocked) return
    this.#question(port, path, nowMs)
    this.#write(port)
  }

  #question(port: LinkPort, path: Path, nowMs: number): void {
    // A protocol without chunks is not paced; its peers may expect a time.
    const token = path.capabilities.chunks ? this.#given(port) : Math.floor(nowMs)
    path.liveness.question(token, nowMs)
    port.wire.encodeKeepalive(this.#shared.out, token)
  }

  /** Asks the peer for an answer as soon as a link has room for the question, once for all who wait. How long it took, in ms. */
  async ping(signal: AbortSignal | undefined): Promise<number> {
    if (this.#probe === 'none') this.#probe = 'due'
    this.schedule()
    await this.pinging.wait('ping()', signal)
    return this.#session.path?.liveness.rttMs ?? 0
  }

  /** There is memory again: who waited for it reads on, and tells its peer. */
  easier(): void {
    const path = this.path
    if (path === null) return
    if (path.liveness.isPaused) this.throttle()
    if (!path.receiving.untold) return
    path.acks.hurry()
    this.schedule()
  }

  // What the port tells. Without a path its words count no more.

  get reusesBodies(): boolean {
    return this.#intake.reusesBodies
  }

  heard(): void {
    const { path } = this
    if (path === null) return
    path.heardWallMs = 0
    path.liveness.heard(this.#shared.runtime.clock.nowMs())
    path.early.begin()
  }

  batch(header: BatchHeader): number {
    const { path } = this
    if (path === null) return header.count
    const { runtime, limits, stamps } = this.#shared
    if (path.heardWallMs === 0) path.heardWallMs = runtime.clock.wallMs()
    const aheadMs = header.stampMs - path.heardWallMs
    if (aheadMs <= limits.maxDriftMs) stamps.cover(header.stampMs)
    else if (this.#skew === 'none') {
      this.#skew = 'told'
      this.#owner.skewed(aheadMs)
    }
    // Who was told, or saves the bound of stamps, may have ended the connection.
    return this.path === path ? path.batch(header, path.heardWallMs) : header.count
  }

  admit(bytes: number, skipped: boolean): boolean {
    return this.path?.admit(bytes, skipped) !== false
  }

  message(message: InboundMessage, standing: Standing): void {
    const path = this.path
    if (path !== null) this.#intake.take(message, standing, path, (this.#port as LinkPort).chunk)
  }

  marks(lane: number, received: number, processed: number): boolean {
    return this.path?.marks(lane, received, processed) !== false
  }

  credit(messages: number, bytes: number): void {
    this.path?.sending.grant(messages, bytes)
  }

  verdicts(first: number, verdicts: readonly Verdict[], taken: number): boolean {
    const path = this.path
    return path === null || path.judge(first, verdicts, taken, path.liveness.heardMs)
  }

  keepalive(token: number): void {
    const path = this.path
    if (path !== null) path.liveness.token = token
  }

  keepaliveAck(token: number): void {
    const path = this.path
    if (path === null) return
    const { liveness, capabilities } = path
    path.echo(token, liveness.heardMs)
    // Who paces asks for echoes, too; a protocol without chunks gives another number back than it was given.
    if (liveness.answered(capabilities.chunks ? token : null, liveness.heardMs)) {
      this.#probe = 'none'
      this.pinging.resolveAll()
    }
  }

  turn(): void {
    this.#shared.queue.run()
    this.path?.early.end()
    this.throttle()
    this.#owner.turn()
    const path = this.path
    if (path === null) return
    const owes = path.liveness.token !== null || path.owesVerdicts || path.acks.isDueNow
    if (owes || this.#session.outbound.hasWork) this.schedule()
  }

  writable(): void {
    this.flush()
  }

  // What becomes of messages.

  /** One that waited in the inbox of a session that is over. */
  drop(message: InboundMessage): void {
    this.#intake.drop(message)
  }

  finished(isDue: boolean): void {
    if (isDue) this.schedule()
    if (this.path?.liveness.isPaused === true) this.throttle()
    this.#owner.afterFinish()
  }
}
