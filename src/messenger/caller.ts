/**
 * The application's side of one connection: what may be sent, who waits for what, and how it ended.
 *
 * The driver runs the links; this says what the caller sees of them. A caller's mistake throws here at once. Callbacks of
 * the application may call anything, also this connection.
 */
import type { Observable } from 'rxjs'
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import { signalOf } from '../common/signal-option.ts'
import type { Policy } from '../policies/policy.ts'
import type { Action } from '../session/action.ts'
import type { Backlog } from '../session/backlog.ts'
import type { StateName } from '../session/machine.ts'
import type { SessionEvent } from '../session/event.ts'
import type { Session } from '../session/session.ts'
import { type OutboundMessage } from '../wire/message.ts'
import { NO_OUTCOME, sizeOf, type Outcome } from '../wire/outcome.ts'
import type { WireCapabilities } from '../wire/wire.ts'
import type { Connection } from './connection.ts'
import type { CloseOptions } from './connection-core.ts'
import { ConnectionView, type ViewCore } from './connection-view.ts'
import { dumpConnection } from './dump-of.ts'
import type { ConnectionDump, LinkCounters } from './dump.ts'
import type { Flow } from './flow.ts'
import { checkTimeout } from './message-init.ts'
import { Notices } from './notices.ts'
import type { Peer } from './peer.ts'
import type { PathInfo } from './path-info.ts'
import type { Paths } from './paths.ts'
import type { Reactor } from './reactor.ts'
import { Returns, failAll } from './returns.ts'
import { checkRoom } from './room.ts'
import { CLOSE_OPTIONS, waitsForItself, type WaitOptions } from './waiters.ts'
import type { Shared } from './shared.ts'

/** What the caller's side needs of its driver. */
export interface CallerDriver {
  readonly session: Session
  readonly reactor: Pick<Reactor, 'state$' | 'isEnding' | 'isLeaving'>
  readonly links: { readonly lastFault: string | null; readonly counters: LinkCounters }
  readonly paths: Paths
  /** A handler runs whose answers may still be sent while closing. */
  readonly isHandling: boolean
  post(event: SessionEvent): void
  /** Something of the session changed without an event. */
  turn(): void
  /** Received messages that wait for a handler, and handlers that run. */
  readonly inbox: { readonly length: number; readonly running: number }
  readonly flow: Pick<Flow, 'isBlocked' | 'ping' | 'pings' | 'queued'>
}

export class Caller implements ViewCore {
  readonly connection: Connection
  readonly policy: Policy
  peer: Peer
  /** Known to the application: dialled by it, or confirmed by its peer. */
  shown: boolean
  /** What the caller asked for, and so what may still be sent. */
  life: 'running' | 'closing' | 'closed' = 'running'
  readonly view: ConnectionView
  readonly returns: Returns
  readonly notices: Notices
  readonly #shared: Shared
  readonly #driver: CallerDriver
  #closed: Promise<void> | null = null

  constructor(shared: Shared, driver: CallerDriver, policy: Policy, peer: Peer, shown: boolean) {
    this.#shared = shared
    this.#driver = driver
    this.policy = policy
    this.peer = peer
    this.shown = shown
    this.view = new ConnectionView(shared, this)
    this.connection = this.view.connection
    this.returns = new Returns(shared, driver.session, this.connection)
    this.notices = new Notices(shared, this.connection, driver)
  }

  get state(): StateName {
    return this.life === 'closed' || this.#driver.reactor.isEnding ? 'closed' : this.#driver.session.machine.state.name
  }

  get states(): Observable<StateName> {
    return this.#driver.reactor.state$
  }

  get backlog(): Backlog {
    return this.#driver.session.outbound.backlog
  }

  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' | null {
    const fate = this.#driver.session.outbound.takeBack(message)
    // It may have been the last thing that a close was waiting for.
    this.#driver.turn()
    return fate
  }

  get situation(): string {
    const { lastFault } = this.#driver.links
    return lastFault === null ? this.state : `${this.state}, last fault: ${lastFault}`
  }

  markDown(): Outcome {
    if (this.life === 'closed') return NO_OUTCOME
    this.life = 'closing'
    const outcome = this.#shared.services.keepOwn(this.connection, this.#driver.session.abandon())
    this.view.ends.handBack(outcome)
    this.#driver.post({ type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'marked down' })
    failAll(outcome, new InkwireError('INK_MARKED_DOWN', 'the connection was marked down'))
    return outcome
  }

  close(options: CloseOptions): Promise<void> {
    if (this.state === 'closed') return this.#closed ?? Promise.resolve()
    const signal = signalOf('close()', options, CLOSE_OPTIONS)
    const timeoutMs = checkTimeout('close()', options.timeoutMs) ?? this.#shared.limits.drainTimeoutMs
    const isHandler = this.#shared.dispatchers.calling === this.connection
    if (this.#closed !== null && signal === undefined && options.timeoutMs === undefined && !isHandler)
      return this.#closed
    this.life = 'closing'
    const closed = this.view.ending.wait('close()', signal)
    this.#closed ??= closed
    const abort = (): void => {
      this.#driver.post({ type: 'markDown', cause: 'local', code: 'INK_ABORTED', reason: 'close() was aborted' })
    }
    if (signal?.aborted === true) abort()
    else if (signal !== undefined) {
      const release = onAbort(signal, abort)
      closed.then(release, release)
    }
    this.#driver.post({ type: 'close', deadlineMs: this.#shared.runtime.clock.nowMs() + timeoutMs })
    return isHandler ? waitsForItself('close()', closed) : closed
  }

  async ping(options: WaitOptions): Promise<number> {
    const signal = signalOf('ping()', options)
    if (this.state !== 'open') await this.view.opened(options)
    return await this.#driver.flow.ping(signal)
  }

  get path(): PathInfo | null {
    return this.life === 'closed' ? null : this.#driver.paths.current
  }

  get ways(): Pick<Paths, 'path$' | 'known'> {
    return this.#driver.paths
  }

  switchTo(address: string, options: WaitOptions): Promise<PathInfo> {
    const { kind } = this.policy
    const signal = signalOf('switchTo()', options)
    const text = this.#shared.textOf(address)
    if (kind !== 'losslessClient' && kind !== 'peer') {
      const why = kind === 'lossy' ? 'a lossy session ends with its link' : 'a losslessServer never dials'
      throw new InkwireError('INK_BAD_ARGUMENT', `switchTo(): ${why}: it is for losslessClient() and peer()`)
    }
    if (this.life !== 'running') throw this.closedError('switchTo()')
    return this.#driver.paths.switchTo(text, signal)
  }

  dump(): ConnectionDump {
    return dumpConnection(this, this.#driver, this.#shared.runtime.clock.nowMs())
  }

  /** A link carries the session, which begins on it or goes on. */
  begun({ link, how, replayed }: Extract<Action, { type: 'begun' }>): void {
    this.view.ends.open()
    if (how === 'moved') this.#driver.paths.moved(link, replayed)
    else if (how === 'resumed') this.notices.resumed(replayed)
    else this.notices.begun(how)
  }

  /** The peer lost the session; the connection goes on. */
  remoteReset(action: Extract<Action, { type: 'remoteReset' }>): void {
    const { reason, code } = action
    this.returns.tellFailed()
    const outcome = this.#shared.services.reset(this.connection, action.outcome)
    failAll(outcome, new InkwireError(code, reason))
    this.notices.remoteReset(reason, outcome)
  }

  /** The end: after this nothing is sent, dispatched or told. */
  ended(action: Extract<Action, { type: 'closed' }>): void {
    const { cause, code, reason } = action
    this.returns.tellFailed()
    const outcome = this.#shared.services.ended(this.connection, action.outcome)
    const pinging = this.#driver.flow.pings?.waiting
    const lost = sizeOf(outcome)
    this.life = 'closed'
    this.view.complete()
    if (code === 'INK_CLOSED' || (cause !== 'local' && lost === 0)) this.view.ending.resolveAll()
    // One that was made for a link which we refused nobody knows: the operator hears of the link.
    const isRefused = cause === 'refused' && this.shown
    // An error costs its stack: most connections end without anybody who wants one.
    if (lost + this.view.waiting + (pinging?.size ?? 0) > 0 || isRefused || this.#driver.paths.isAwaited) {
      const error = new InkwireError(code, reason)
      this.#driver.paths.end(error)
      failAll(outcome, error)
      pinging?.rejectAll(error)
      this.view.draining.rejectAll(error)
      this.view.ending.rejectAll(error)
      if (isRefused) this.notices.refused(error)
    }
    this.#driver.paths.complete()
    // Its own markDown() and close() a caller knows of; only what they could not deliver is news.
    if (cause === 'local' || cause === 'refused' ? lost > 0 : this.shown) this.notices.reset(reason, outcome)
    if (this.shown) this.notices.closed()
    this.view.end(code, reason, outcome)
  }

  get capabilities(): WireCapabilities {
    return this.#driver.session.capabilities
  }

  enqueueControl(message: OutboundMessage, own: (message: OutboundMessage) => boolean): boolean {
    if (this.life === 'closed') throw this.closedError('control()')
    const taken = this.#driver.session.enqueueControl(message, own)
    if (taken) this.#queued()
    return taken
  }

  /** While closing the answers of handlers that still run may leave. */
  get takesMessages(): boolean {
    return this.life === 'running' || (this.life === 'closing' && this.#driver.isHandling)
  }

  enqueue(message: OutboundMessage): boolean {
    if (!this.takesMessages) throw this.closedError('send()')
    const { session } = this.#driver
    const { outbound } = session
    checkRoom(message, outbound.backlog, Math.min(outbound.peerWindow.bytes, this.policy.replay.bytes))
    outbound.enqueue(message)
    this.#queued()
    return !outbound.backlog.aboveHighWater
  }

  #queued(): void {
    const { name } = this.#driver.session.machine.state
    if (name === 'open') this.#driver.flow.queued()
    else if (name === 'idle' || name === 'standby') this.#driver.post({ type: 'work' })
  }

  closedError(what: string): InkwireError {
    const text = `the connection to ${this.peer.name ?? this.peer.address} is ${this.life}`
    return new InkwireError('INK_CLOSED', `${what}: ${text}; connect() gives a new one`)
  }
}
