/**
 * The application's side of one connection: what may be sent, who waits for what, and who is told how it ended.
 *
 * The driver runs the links; this says what the caller sees of them. A caller's mistake throws here at once. Callbacks of
 * the application may call anything, also this connection.
 */
import { Subject } from 'rxjs'
import type { Observable } from 'rxjs'
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Policy } from '../policies/policy.ts'
import type { SessionEvent, StateName } from '../session/machine.ts'
import type { Unfinished } from '../session/out-lane.ts'
import type { Action, Session } from '../session/session.ts'
import { NO_OUTCOME } from '../wire/message.ts'
import type { InboundMessage, OutboundMessage, Outcome } from '../wire/message.ts'
import type { WireCapabilities } from '../wire/wire.ts'
import type { CallLayer } from './calls.ts'
import { Connection } from './connection.ts'
import type { CloseOptions, ConnectionCore } from './connection.ts'
import { ConnectionEnds } from './connection-ends.ts'
import type { ConnectionEnd } from './connection-ends.ts'
import type { MessageFeed } from './connection-messages.ts'
import type { Peer } from './peer.ts'
import { deliver, send } from './deliver.ts'
import type { Sender } from './deliver.ts'
import { dumpConnection } from './dump.ts'
import type { ConnectionDump, LinkCounters } from './dump.ts'
import { Expiries } from './expiry.ts'
import type { ExpirySender } from './expiry.ts'
import type { Flow } from './flow.ts'
import { failureError } from './failure.ts'
import { checkTimeout } from './message-init.ts'
import type { MessageInit } from './message-init.ts'
import type { Reactor } from './reactor.ts'
import { watched } from './stream.ts'
import { CLOSE_OPTIONS, Waiters, signalOf, waitsForItself } from './waiters.ts'
import type { WaitOptions } from './waiters.ts'
import type { Shared } from './shared.ts'

/** What the caller's side needs of its driver. */
export interface CallerDriver {
  readonly session: Session
  readonly reactor: Pick<Reactor, 'state$' | 'isEnding' | 'isLeaving'>
  readonly links: { readonly lastFault: string | null; readonly counters: LinkCounters }
  /** A handler runs whose answers may still be sent while closing. */
  readonly isHandling: boolean
  post(event: SessionEvent): void
  /** Received messages that wait for a handler, and handlers that run. */
  readonly inbox: { readonly length: number; readonly running: number }
  readonly flow: Pick<Flow, 'isBlocked' | 'ping' | 'pinging' | 'queued'>
}

export class Caller implements ConnectionCore, Sender, ExpirySender {
  readonly connection: Connection
  readonly policy: Policy
  peer: Peer
  /** Known to the application: dialled by it, or confirmed by its peer. */
  shown: boolean
  /** What the caller asked for, and so what may still be sent. */
  life: 'running' | 'closing' | 'closed' = 'running'
  readonly #shared: Shared
  readonly #driver: CallerDriver
  readonly #draining = new Waiters()
  readonly #ending = new Waiters()
  readonly #ends = new ConnectionEnds()
  #messages: Subject<InboundMessage> | null = null
  #closed: Promise<void> | null = null
  /** Made for the first message that expires. */
  #expiries: Expiries | null = null

  constructor(shared: Shared, driver: CallerDriver, policy: Policy, peer: Peer, shown: boolean) {
    this.#shared = shared
    this.#driver = driver
    this.policy = policy
    this.peer = peer
    this.shown = shown
    this.connection = new Connection(this)
  }

  get state(): StateName {
    return this.life === 'closed' || this.#driver.reactor.isEnding ? 'closed' : this.#driver.session.machine.state.name
  }

  get state$(): Observable<StateName> {
    return watched(this.#driver.reactor.state$, 'state$', this.connection, this.#shared)
  }

  get messages$(): Observable<InboundMessage> {
    this.#messages ??= new Subject<InboundMessage>()
    if (this.life === 'closed') this.#messages.complete()
    return watched(this.#messages, 'messages$', this.connection, this.#shared)
  }

  get closed(): Promise<ConnectionEnd> {
    return this.#ends.closed
  }

  get signal(): AbortSignal {
    return this.#ends.signal
  }

  opened(options: WaitOptions): Promise<void> {
    return this.#ends.opened(this.state === 'open', options)
  }

  messages(options: WaitOptions): MessageFeed {
    return this.#shared.dispatchers.feeds.open(this.connection, options)
  }

  get calls(): CallLayer<Connection> {
    return this.#shared.calls()
  }

  /** `messages$`, when somebody subscribed to it. */
  get stream(): Subject<InboundMessage> | null {
    return this.#messages?.observed === true ? this.#messages : null
  }

  send(init: MessageInit): boolean {
    return send(init, this)
  }

  deliver(init: MessageInit, options: WaitOptions): Promise<void> {
    return deliver(init, options, this)
  }

  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' | null {
    const fate = this.#driver.session.outbound.takeBack(message)
    this.afterTurn()
    // It may have been the last thing that a close was waiting for.
    if (this.life === 'closing') this.#driver.post({ type: 'drained' })
    return fate
  }

  get expiries(): Expiries {
    return (this.#expiries ??= new Expiries(this.#shared.runtime.clock, this))
  }

  expired(message: OutboundMessage, fate: 'undelivered' | 'unknown', error: InkwireError): void {
    this.#shared.report({ type: 'undeliverable', connection: this.connection, message, fate, error })
  }

  get situation(): string {
    const { lastFault } = this.#driver.links
    return lastFault === null ? this.state : `${this.state}, last fault: ${lastFault}`
  }

  async drained(options: WaitOptions): Promise<void> {
    const signal = signalOf('drained()', options)
    if (!this.#takesMessages) throw this.#closedError('drained()')
    if (this.#driver.session.outbound.belowLowWater) return
    await this.#draining.wait('drained()', signal)
  }

  markDown(): Outcome {
    if (this.life === 'closed') return NO_OUTCOME
    this.life = 'closing'
    const outcome = this.#shared.services.keepOwn(this.connection, this.#driver.session.abandon())
    this.#ends.handBack(outcome)
    this.#driver.post({ type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'marked down' })
    fail(outcome, new InkwireError('INK_MARKED_DOWN', 'the connection was marked down'))
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
    const closed = this.#ending.wait('close()', signal)
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
    if (this.state !== 'open') await this.opened(options)
    return await this.#driver.flow.ping(signal)
  }

  dump(): ConnectionDump {
    return dumpConnection(this, this.#driver, this.#shared.runtime.clock.nowMs())
  }

  /** What was queued before it was known what the peer can take, and can never go there. */
  withdrawUnfit(): void {
    const { outbound, capabilities } = this.#driver.session
    const most = outbound.messageBytesMax
    this.#giveBack(outbound.withdrawUnfit(capabilities), ({ bytes }) =>
      bytes > most
        ? new InkwireError('INK_MESSAGE_TOO_LARGE', `a message of ${bytes} bytes is above the peer's window of ${most}`)
        : new InkwireError('INK_INCOMPATIBLE', 'the peer is of an older version: it knows no extension blocks'),
    )
  }

  /** Messages of which the peer says that they failed. */
  #tellFailed(): void {
    const failed = this.#driver.session.outbound.takeFailed()
    // Asked in every turn: an iterator over nothing would be made each time.
    if (failed.length === 0) return
    const { connection } = this
    for (const { message, verdict } of failed) {
      const error = failureError(verdict)
      message.settle?.failed('failed', error, message)
      this.#shared.report({ type: 'failed', connection, message, error })
    }
  }

  /** Messages whose memory the caller has given away or resized before they were acked. */
  #giveBackChanged(): void {
    const taken = this.#driver.session.outbound.takeChanged()
    if (taken === null) return
    const what = 'has another length by now: leave its bytes alone until it is acked, or send a copy'
    this.#giveBack(taken, ({ bytes }) => new InkwireError('INK_MESSAGE_CHANGED', `a message of ${bytes} bytes ${what}`))
  }

  /** The peer was promised a message that there is no more; what it must not get is made up. */
  #endSpoiled(): void {
    const reason = 'a message that must be sent again was transferred away or resized before it was acked'
    this.#driver.post({ type: 'markDown', cause: 'fault', code: 'INK_RESET', reason })
  }

  #giveBack({ undelivered, unknown }: Unfinished, errorOf: (message: OutboundMessage) => InkwireError): void {
    const { connection } = this
    const each = (message: OutboundMessage, fate: 'undelivered' | 'unknown'): void => {
      const error = errorOf(message)
      message.settle?.failed(fate, error, message)
      this.#shared.report({ type: 'undeliverable', connection, message, fate, error })
    }
    for (const message of undelivered) each(message, 'undelivered')
    // Queued anew after a reset: an earlier peer may have handled it.
    for (const message of unknown) each(message, 'unknown')
  }

  /** Acks were counted, or messages taken back: who waits for room may go on. */
  afterTurn(): void {
    this.#tellFailed()
    this.#giveBackChanged()
    if (this.#driver.session.outbound.isSpoiled) this.#endSpoiled()
    if (this.#draining.size > 0 && this.#driver.session.outbound.belowLowWater) this.#draining.resolveAll()
  }

  /** Nobody listens there, for the first time in a row; dialling goes on. */
  unanswered(address: string): void {
    const error = new InkwireError('INK_CONNECTION_REFUSED', `nobody listens at ${address}; dialling goes on`)
    this.#refused(error)
  }

  /** Whoever answered refuses us, is not believed, or is somebody else. That says nothing about our peer: dialling goes on. */
  doubted(code: InkwireErrorCode, reason: string): void {
    this.#refused(new InkwireError(code, `${reason}; dialling goes on`))
  }

  /** A session began on a link that we dialled, or accepted. */
  began(dialled: boolean): void {
    const { connection } = this
    this.#ends.open()
    this.#shared.report({ type: dialled ? 'connect' : 'accept', connection })
    // Whoever heard of it first may have let go of it.
    if (!this.#driver.reactor.isLeaving) this.#shared.dispatchers.notify(dialled ? 'onConnect' : 'onAccept', connection)
  }

  /** The session goes on, on another link. */
  resumed(replayed: number): void {
    this.#ends.open()
    this.#shared.report({ type: 'resume', connection: this.connection, replayed })
  }

  /** The peer lost the session; the connection goes on. */
  remoteReset(action: Extract<Action, { type: 'remoteReset' }>): void {
    const { reason, code } = action
    this.#tellFailed()
    const outcome = this.#shared.services.reset(this.connection, action.outcome)
    fail(outcome, new InkwireError(code, reason))
    this.#shared.report({ type: 'remoteReset', connection: this.connection, reason, outcome })
    this.#shared.dispatchers.notify('onRemoteReset', this.connection, outcome)
    this.afterTurn()
  }

  /** The end: after this nothing is sent, dispatched or told. */
  ended(action: Extract<Action, { type: 'closed' }>): void {
    const { cause, code, reason } = action
    this.#tellFailed()
    const { dispatchers, services } = this.#shared
    const outcome = services.ended(this.connection, action.outcome)
    const { pinging } = this.#driver.flow
    const lost = outcome.undelivered.length + outcome.unknown.length
    this.life = 'closed'
    this.#messages?.complete()
    if (code === 'INK_CLOSED' || (cause !== 'local' && lost === 0)) this.#ending.resolveAll()
    // One that was made for a link which we refused nobody knows: the operator hears of the link.
    const isRefused = cause === 'refused' && this.shown
    // An error costs its stack: most connections end without anybody who wants one.
    if (lost + this.#draining.size + this.#ending.size + pinging.size > 0 || isRefused) {
      const error = new InkwireError(code, reason)
      fail(outcome, error)
      pinging.rejectAll(error)
      this.#draining.rejectAll(error)
      this.#ending.rejectAll(error)
      if (isRefused) this.#refused(error)
    }
    // Its own markDown() and close() a caller knows of; only what they could not deliver is news.
    if (cause === 'local' || cause === 'refused' ? lost > 0 : this.shown) {
      this.#shared.report({ type: 'reset', connection: this.connection, reason, outcome })
      dispatchers.notify('onReset', this.connection, outcome)
    }
    if (this.shown) this.#shared.report({ type: 'closed', connection: this.connection })
    dispatchers.feeds.end(this.connection)
    this.#ends.end(code, reason, outcome)
  }

  #refused(error: InkwireError): void {
    this.#shared.report({ type: 'refused', connection: this.connection, error })
    this.#shared.dispatchers.notify('onRefused', this.connection, error)
  }

  get capabilities(): WireCapabilities {
    return this.#driver.session.capabilities
  }

  enqueueControl(message: OutboundMessage, own: (message: OutboundMessage) => boolean): boolean {
    if (this.life === 'closed') throw this.#closedError('control()')
    const taken = this.#driver.session.enqueueControl(message, own)
    if (taken) this.#queued()
    return taken
  }

  /** While closing the answers of handlers that still run may leave. */
  get #takesMessages(): boolean {
    if (this.life !== 'closing') return this.life === 'running'
    const { state } = this
    return this.#driver.isHandling && state !== 'draining' && state !== 'closed'
  }

  enqueue(message: OutboundMessage): boolean {
    if (!this.#takesMessages) throw this.#closedError('send()')
    const { session } = this.#driver
    const { outbound } = session
    const most = Math.min(outbound.messageBytesMax, this.policy.replay.bytes)
    if (message.bytes > most) {
      const text = `a message of ${message.bytes} bytes is above the limit of ${most}`
      throw new InkwireError(
        'INK_MESSAGE_TOO_LARGE',
        `${text}: send it in parts, or raise window there and replay here`,
      )
    }
    if (outbound.isFull(message.bytes)) {
      const text = `${outbound.messages} messages (${outbound.bytes} bytes) are queued`
      throw new InkwireError('INK_QUEUE_FULL', `${text}: wait for drained() when send() answers false`)
    }
    outbound.enqueue(message)
    this.#queued()
    return !outbound.aboveHighWater
  }

  #queued(): void {
    const { name } = this.#driver.session.machine.state
    if (name === 'open') this.#driver.flow.queued()
    else if (name === 'idle' || name === 'standby') this.#driver.post({ type: 'work' })
  }

  #closedError(what: string): InkwireError {
    const peer = this.peer.name ?? this.peer.address
    return new InkwireError(
      'INK_CLOSED',
      `${what}: the connection to ${peer} is ${this.life}; connect() gives a new one`,
    )
  }
}

function fail(outcome: Outcome, reason: InkwireError): void {
  for (const message of outcome.undelivered) message.settle?.failed('undelivered', reason, message)
  for (const message of outcome.unknown) message.settle?.failed('unknown', reason, message)
}
