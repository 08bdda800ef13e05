/**
 * The data path of one connection: from the link that carries the session to its parts, and when its lanes go to the link.
 *
 * A straight call path without promises or observables. Writes are gathered: whatever is sent in one turn leaves in one
 * write at its end, which is put together in link-writer.ts. What is true of the link is in the session's path; here are its
 * port and the clock.
 */
import type { Holder } from '../policies/held-budget.ts'
import type { Path } from '../session/path/path.ts'
import type { Session } from '../session/session.ts'
import type { InboundMessage, Standing } from '../wire/message.ts'
import type { Verdict } from '../wire/verdict.ts'
import type { BatchHeader } from '../wire/wire.ts'
import type { Chunk } from './chunk.ts'
import type { Inbox } from './inbox.ts'
import { Intake, type IntakeOwner } from './intake.ts'
import type { LinkPort } from './link-port.ts'
import { throttle, watch, watchDeadline } from './link-watch.ts'
import { LinkWriter } from './link-writer.ts'
import { Pings } from './pings.ts'
import type { DataSink, FlowOwner } from './port-terms.ts'
import type { Shared } from './shared.ts'

export class Flow implements DataSink, IntakeOwner, Holder {
  readonly #shared: Shared
  readonly #session: Session
  readonly #owner: FlowOwner
  readonly #intake: Intake
  /** Made for the first who asks. */
  pings: Pings | null = null
  readonly #writer: LinkWriter
  #port: LinkPort | null = null
  #flush: 'none' | 'scheduled' = 'none'
  #skew: 'none' | 'told' = 'none'
  readonly #runFlush = (): void => {
    this.#flush = 'none'
    this.flush()
  }

  constructor(shared: Shared, session: Session, inbox: Inbox, owner: FlowOwner) {
    this.#shared = shared
    this.#session = session
    this.#owner = owner
    this.#writer = new LinkWriter(shared, session)
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
    this.pings?.again()
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
    const wallMs = this.#shared.stamps.wallMs()
    // Who saves the bound of stamps may have ended the connection.
    const port = this.#port
    const path = this.path
    if (port === null || path === null) return
    const { outbound } = this.#session
    const before = outbound.messages
    this.#writer.flush(port, path, wallMs, this.pings)
    // A protocol without acks settles what it hands to the link; and what changed since it was queued was taken back.
    if (outbound.messages < before || outbound.isSpoiled) this.#owner.turn()
  }

  /** The last words of an orderly end. `path`: what the session left the link with. */
  goodbye(port: LinkPort | undefined, reason: string, path: Path | null): void {
    if (port === undefined) return
    this.#writer.goodbye(port, reason, path)
    if (port === this.#port) this.detach()
    port.close()
  }

  // Whether the link is read, and whether it lives.

  throttle(): void {
    const path = this.path
    if (path !== null) throttle(this.#port as LinkPort, path, this.#shared.runtime.clock)
  }

  /** When the flow wants `tick`, in ms. */
  get deadlineMs(): number {
    const path = this.path
    return path === null ? Infinity : watchDeadline(this.#port as LinkPort, path)
  }

  tick(nowMs: number): void {
    const port = this.#port
    const path = this.path
    if (port === null || path === null) return
    if (path.acks.dueMs <= nowMs) this.flush()
    const verdict = watch(port, path, nowMs)
    if (verdict === 'dead' || verdict === 'starved') this.#owner.silent(path.liveness.reason(verdict))
    else if (verdict === 'ask' && !port.blocked) this.#writer.ask(port, path, nowMs)
  }

  /** Asks the peer for an answer as soon as a link has room for the question, once for all who wait. How long it took, in ms. */
  async ping(signal: AbortSignal | undefined): Promise<number> {
    this.pings ??= new Pings()
    await this.pings.ask(signal, () => this.schedule())
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

  /** From when the bytes came that say so. */
  dueMs(remainingMs: number): number {
    return (this.path?.liveness.heardMs ?? Infinity) + remainingMs
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
    if (path !== null) this.#intake.take(message, standing, path, (this.#port as LinkPort).chunk as Chunk)
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
    if (path?.echo(token, path.liveness.heardMs) === true) this.pings?.answered()
  }

  turn(): void {
    this.#shared.queue.run()
    this.path?.early.end()
    this.throttle()
    this.#owner.turn()
    const path = this.path
    if (path === null) return
    const owes = path.liveness.token !== null || path.verdicts.owes || path.acks.isDueNow
    if (owes || this.#session.outbound.hasWork) this.schedule()
  }

  writable(): void {
    this.flush()
  }

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
