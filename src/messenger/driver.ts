/**
 * Runs one connection: gives the pure session a world of links, timers and callbacks.
 *
 * Control events go through the reactor, one at a time; what the session answers is carried out here, in order. Data
 * takes the flow. Every wait has a deadline from the session's table; there is one timer per connection, and it is set
 * anew only when the next deadline comes earlier. Callbacks of the application are called last, and may call anything.
 */
import { Subject } from 'rxjs'
import type { Observable } from 'rxjs'
import { InkwireError } from '../common/errors.ts'
import type { InkwireErrorCode } from '../common/errors.ts'
import { toHex } from '../common/hex.ts'
import type { Policy } from '../policies/policy.ts'
import { policiesFit, explainMisfit } from '../policies/compatibility.ts'
import type { Input, SessionEvent, StateName } from '../session/machine.ts'
import type { Action } from '../session/session.ts'
import { Session } from '../session/session.ts'
import { deadlineOf } from '../session/transition.ts'
import type { LinkClosed } from '../transports/transport.ts'
import type { InboundMessage, OutboundMessage } from '../wire/message.ts'
import type { Identity, SessionAnswer, SessionOffer } from '../wire/wire.ts'
import { Connection } from './connection.ts'
import type { CloseOptions, ConnectionCore, Peer, WaitOptions } from './connection.ts'
import { deliver } from './deliver.ts'
import { dumpSession } from './dump.ts'
import type { ConnectionDump } from './dump.ts'
import type { Outcome } from './events.ts'
import { Flow } from './flow.ts'
import type { FlowOwner } from './flow.ts'
import { Inbox } from './inbox.ts'
import type { InboxOwner } from './inbox.ts'
import { LinkPort } from './link-port.ts'
import type { PortOwner } from './link-port.ts'
import { outboundMessage } from './message.ts'
import type { MessageInit } from './message.ts'
import { Reactor } from './reactor.ts'
import { Waiters } from './waiters.ts'
import type { World } from './world.ts'

const TENTATIVE_MS = 600_000

/** What a connection is made with. */
export interface DriverOptions {
  readonly policy: Policy
  readonly role: 'initiator' | 'responder'
  readonly channel: number
  /** Where to dial; null until the peer says where it can be dialled. */
  readonly address: string | null
  /** What the peer must be; null when anything goes. */
  readonly expectType: string | null
  readonly expectName: string | null
}

export class Driver implements ConnectionCore, PortOwner, FlowOwner, InboxOwner {
  readonly connection: Connection
  readonly policy: Policy
  readonly channel: number
  readonly session: Session
  readonly #world: World
  readonly #options: DriverOptions
  readonly #reactor: Reactor
  readonly #flow: Flow
  readonly #inbox: Inbox
  /** Links of this connection, by number; what is not here any more is deaf. */
  readonly #ports = new Map<number, LinkPort>()
  readonly #draining = new Waiters()
  readonly #ending = new Waiters()
  #messages: Subject<InboundMessage> | null = null
  /** What the caller asked for, and so what may still be sent. */
  #life: 'running' | 'closing' | 'closed' = 'running'
  /** Known to the application. */
  #shown: boolean
  #peer: Peer
  #dialAddress: string | null
  #closed: Promise<void> | null = null
  #timer: unknown = null
  #armedMs = Infinity
  #lastFault: string | null = null
  #faults = 0
  #sessions = 0
  #resumes = 0

  constructor(world: World, options: DriverOptions) {
    const { policy, channel, role, address } = options
    const { limits } = world
    this.#world = world
    this.#options = options
    this.policy = policy
    this.channel = channel
    this.#shown = role === 'initiator'
    this.#dialAddress = address
    this.#peer = { type: options.expectType, name: options.expectName, address: address ?? '', instance: null }
    this.session = new Session(
      {
        policy,
        role,
        channel,
        self: world.self(),
        handshakeTimeoutMs: limits.handshakeTimeoutMs,
        yieldMs: limits.yieldMs,
        tentativeMs: TENTATIVE_MS,
        runs: limits,
        acks: limits,
      },
      world.clock,
    )
    this.connection = new Connection(this)
    this.#inbox = new Inbox(this, policy.concurrency, world.throttleOf(policy), (inbox) => {
      world.queue.wake(inbox)
    })
    this.#flow = new Flow(world, this.session, this.#inbox, this)
    this.#reactor = new Reactor(
      this.session,
      () => this.#input(),
      (action) => {
        this.#perform(action)
      },
    )
  }

  // What the application sees.

  get peer(): Peer {
    return this.#peer
  }

  /** Known to the application: dialled by it, or confirmed by its peer. */
  get isShown(): boolean {
    return this.#shown
  }

  get state(): StateName {
    return this.#life === 'closed' ? 'closed' : this.session.machine.state.name
  }

  get state$(): Observable<StateName> {
    return this.#reactor.state$
  }

  get messages$(): Observable<InboundMessage> {
    this.#messages ??= new Subject<InboundMessage>()
    if (this.#life === 'closed') this.#messages.complete()
    return this.#messages.asObservable()
  }

  get stream(): Subject<InboundMessage> | null {
    return this.#messages?.observed === true ? this.#messages : null
  }

  send(init: MessageInit): boolean {
    return this.#enqueue(outboundMessage(init, null))
  }

  deliver(init: MessageInit, options: WaitOptions): Promise<void> {
    return deliver(init, options.signal, (message) => this.#enqueue(message))
  }

  async drained(options: WaitOptions): Promise<void> {
    if (this.#life !== 'running') throw this.#closedError('drained()')
    if (this.session.outbound.belowLowWater) return
    await this.#draining.wait('drained()', options.signal)
  }

  markDown(): Outcome {
    if (this.#life === 'closed') return { undelivered: [], unknown: [] }
    this.#life = 'closing'
    const outcome = this.session.outbound.takeOutcome()
    this.post({ type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'marked down' })
    this.#fail(outcome, new InkwireError('INK_MARKED_DOWN', 'the connection was marked down'))
    return outcome
  }

  close(options: CloseOptions): Promise<void> {
    if (this.#closed !== null) return this.#closed
    if (this.#life === 'closed') return Promise.resolve()
    this.#life = 'closing'
    const timeoutMs = options.timeoutMs ?? this.#world.limits.drainTimeoutMs
    this.#closed = this.#ending.wait('close()', options.signal)
    options.signal?.addEventListener('abort', () => {
      this.post({ type: 'markDown', cause: 'local', code: 'INK_ABORTED', reason: 'close() was aborted' })
    })
    this.post({ type: 'close', deadlineMs: this.#world.runtime.clock.nowMs() + timeoutMs })
    return this.#closed
  }

  dump(): ConnectionDump {
    const { outbound, inbound } = this.session
    return {
      peer: this.#peer,
      ...dumpSession(this.session),
      state: this.state,
      lastFault: this.#lastFault,
      counters: {
        sentMessages: outbound.sentMessages,
        sentBytes: outbound.sentBytes,
        receivedMessages: inbound.receivedMessages,
        receivedBytes: inbound.receivedBytes,
        replayedMessages: outbound.replayedMessages,
        duplicates: inbound.duplicates,
        faults: this.#faults,
        sessions: this.#sessions,
        resumes: this.#resumes,
      },
    }
  }

  // What the messenger asks.

  /** Begins to dial. */
  connect(): void {
    this.post({ type: 'connect' })
  }

  /** A link of this peer arrived and asks for a session. */
  take(port: LinkPort, peer: Identity, offer: SessionOffer): void {
    port.owner = this
    this.#ports.set(port.id, port)
    this.onOffer(port, peer, offer)
  }

  /** The peer is known to be gone for good. */
  giveUp(code: InkwireErrorCode, reason: string): void {
    this.post({ type: 'markDown', cause: 'fault', code, reason })
  }

  post(event: SessionEvent): void {
    this.#reactor.post(event)
    this.#settle()
  }

  #enqueue(message: OutboundMessage): boolean {
    if (this.#life !== 'running') throw this.#closedError('send()')
    const { session } = this
    const { outbound } = session
    const most = Math.min(outbound.credit.messageBytesMax, this.policy.replay.bytes)
    if (message.bytes > most) {
      throw new InkwireError('INK_MESSAGE_TOO_LARGE', `a message of ${message.bytes} bytes is above the limit of ${most}: send it in parts, or raise the peer's window and this side's replay option`)
    }
    if (outbound.isFull(message.bytes)) {
      throw new InkwireError('INK_QUEUE_FULL', `${outbound.messages} messages (${outbound.bytes} bytes) are queued: wait for drained() when send() answers false`)
    }
    session.enqueue(message)
    const { name } = session.machine.state
    if (name === 'open') this.#flow.schedule()
    else if (name === 'idle' || name === 'standby') this.post({ type: 'work' })
    return !outbound.aboveHighWater
  }

  #closedError(what: string): InkwireError {
    const peer = this.#peer.name ?? this.#peer.address
    return new InkwireError('INK_CLOSED', `${what}: the connection to ${peer} is ${this.#life}; connect() gives a new one`)
  }

  #input(): Omit<Input, 'hasWork'> {
    const { clock, random } = this.#world.runtime
    return { nowMs: clock.nowMs(), random: random.next(), freshId: toHex(random.bytes(16)), freshLink: this.#world.nextLink() }
  }

  // What the session wants done.

  #perform(action: Action): void {
    switch (action.type) {
      case 'dial':
        this.#dial(action.link, action.offer)
        break
      case 'answer':
        this.#ports.get(action.link)?.wire.answer(action.answer)
        this.#ports.get(action.link)?.flushHandshake()
        break
      case 'confirm':
        // The flow writes it, together with the first data.
        this.#ports.get(action.link)?.wire.confirm()
        break
      case 'yield':
        this.#dismiss(action.link, (port) => {
          port.wire.yield(action.epoch)
        })
        break
      case 'reject':
        this.#dismiss(action.link, (port) => {
          port.wire.reject(action.code, action.reason)
        })
        break
      case 'goodbye': {
        const port = this.#ports.get(action.link)
        if (port !== undefined) this.#flow.goodbye(port, action.reason)
        break
      }
      case 'drop':
        this.#drop(action.link)
        break
      case 'replaced':
        this.#world.table.bury(action.instance)
        break
      case 'adopt':
        this.#adopt(action)
        break
      case 'remoteReset':
        this.#onRemoteReset(action)
        break
      case 'closed':
        this.#onEnd(action)
        break
    }
  }

  #dial(link: number, offer: SessionOffer): void {
    const address = this.#dialAddress
    if (address === null) {
      this.post({ type: 'fault', link, reason: 'the peer has not said where it can be dialled' })
      return
    }
    const port = new LinkPort(link, this.#world.dial(address), this.#world.wire, 'dialler', this.#world.context(), this)
    this.#ports.set(link, port)
    port.wire.open(offer)
    port.flushHandshake()
  }

  /** Says a last word on a link that will not be ours. */
  #dismiss(link: number, say: (port: LinkPort) => void): void {
    const port = this.#ports.get(link)
    if (port === undefined) return
    this.#ports.delete(link)
    say(port)
    port.close()
  }

  #drop(link: number): void {
    const port = this.#ports.get(link)
    if (port === undefined) return
    this.#ports.delete(link)
    if (this.#flow.port === port) this.#flow.detach()
    port.reset()
  }

  #adopt(action: Extract<Action, { type: 'adopt' }>): void {
    const port = this.#ports.get(action.link)
    if (port === undefined || port.peer === null) return
    const { peer } = port
    const { table } = this.#world
    const other = this.policy.kind === 'lossy' ? table.ofInstance(peer.instance, this.channel) : table.ofName(peer.name, this.channel)
    table.identify(this, peer)
    this.#know(peer, port)
    this.#shown = true
    this.#flow.attach(port)
    this.#withdrawTooLarge()
    if (action.continues) {
      this.#resumes++
      this.#world.report({ type: 'resume', connection: this.connection, replayed: action.replayed })
    } else {
      this.#sessions++
      const dialled = port.role === 'dialler'
      this.#world.report({ type: dialled ? 'connect' : 'accept', connection: this.connection })
      this.#world.dispatchers.notify(dialled ? 'onConnect' : 'onAccept', this.connection)
    }
    if (other === undefined || other === this) return
    if (this.policy.kind !== 'lossy') other.giveUp('INK_TAKEN_OVER', `another instance of ${peer.name} has taken over`)
    else if (this.#options.role === 'responder' && other.#options.role === 'responder') other.giveUp('INK_RESET', 'the client dialled again')
  }

  #know(peer: Identity, port: LinkPort): void {
    const [type = peer.name] = peer.name.split('.')
    const address = this.#dialAddress ?? peer.addresses[0] ?? port.link.remoteAddress
    this.#peer = { type, name: peer.name, address, instance: peer.instance }
    // A peer that came from elsewhere has moved; one that we dialled is where we found it.
    if (port.role === 'acceptor' && peer.addresses[0] !== undefined && !peer.addresses.includes(this.#dialAddress ?? '')) {
      this.#dialAddress = peer.addresses[0]
      this.#peer = { ...this.#peer, address: peer.addresses[0] }
    }
  }

  /** What was queued before the peer's window was known, and can never fit it. */
  #withdrawTooLarge(): void {
    for (const message of this.session.outbound.withdrawTooLarge()) {
      const most = this.session.outbound.credit.messageBytesMax
      const error = new InkwireError('INK_MESSAGE_TOO_LARGE', `a message of ${message.bytes} bytes is above the peer's window of ${most}`)
      message.settle?.failed('undelivered', error)
      this.#world.report({ type: 'undeliverable', connection: this.connection, message, error })
    }
  }

  #onRemoteReset(action: Extract<Action, { type: 'remoteReset' }>): void {
    const { reason, outcome, code } = action
    this.#clearInbox()
    this.#fail(outcome, new InkwireError(code, reason))
    this.#world.report({ type: 'remoteReset', connection: this.connection, reason, outcome })
    this.#world.dispatchers.notify('onRemoteReset', this.connection, outcome)
  }

  /** The one way to the end: after this nothing is sent, dispatched or told. */
  #onEnd(action: Extract<Action, { type: 'closed' }>): void {
    const { cause, code, reason, outcome } = action
    const { table, dispatchers, runtime } = this.#world
    const error = new InkwireError(code, reason)
    this.#life = 'closed'
    this.#flow.detach()
    for (const port of this.#ports.values()) port.abandon()
    this.#ports.clear()
    this.#clearInbox()
    table.remove(this)
    runtime.clock.clearTimer(this.#timer)
    this.#reactor.complete()
    this.#messages?.complete()
    this.#fail(outcome, error)
    this.#draining.rejectAll(error)
    const lost = outcome.undelivered.length + outcome.unknown.length
    if (code === 'INK_CLOSED' || (cause !== 'local' && lost === 0)) this.#ending.resolveAll()
    else this.#ending.rejectAll(error)
    if (cause === 'refused') {
      this.#world.report({ type: 'refused', connection: this.connection, error })
      dispatchers.notify('onRefused', this.connection, error)
    }
    const told = cause === 'local' || cause === 'refused' ? lost > 0 : this.#shown
    if (told) {
      this.#world.report({ type: 'reset', connection: this.connection, reason, outcome })
      dispatchers.notify('onReset', this.connection, outcome)
    }
    if (this.#shown) this.#world.report({ type: 'closed', connection: this.connection })
  }

  #clearInbox(): void {
    for (const message of this.#inbox.clear()) {
      message.owner = null
      this.session.inbound.discard(message)
    }
  }

  #fail(outcome: Outcome, reason: InkwireError): void {
    for (const message of outcome.undelivered) message.settle?.failed('undelivered', reason)
    for (const message of outcome.unknown) message.settle?.failed('unknown', reason)
  }

  // What the links tell.

  onOffer(port: LinkPort, peer: Identity, offer: SessionOffer): void {
    port.peer = peer
    const replaced = this.#world.table.isGone(peer.instance)
    this.post({ type: 'offer', link: port.id, instance: peer.instance, offer, replaced })
  }

  onOpened(port: LinkPort, peer: Identity, answer: SessionAnswer): void {
    port.peer = peer
    const link = port.id
    const refusal = this.#refusal(peer, answer)
    if (refusal === null) this.post({ type: 'opened', link, instance: peer.instance, answer })
    else this.post({ type: 'rejected', link, ...refusal })
  }

  /** Why this peer cannot be ours; null when it can. */
  #refusal(peer: Identity, answer: SessionAnswer): { code: InkwireErrorCode; reason: string } | null {
    const { table, context } = this.#world
    const { expectType, expectName } = this.#options
    if (peer.instance === context().self.instance) {
      return { code: 'INK_SELF_CONNECT', reason: `${this.#dialAddress ?? ''} is this messenger itself: use messenger.loopback` }
    }
    if ((expectName !== null && expectName !== peer.name) || (expectType !== null && !peer.name.startsWith(`${expectType}.`))) {
      return { code: 'INK_WRONG_PEER', reason: `${this.#dialAddress ?? ''} is ${peer.name}, not ${expectName ?? expectType ?? ''}` }
    }
    if (!policiesFit(this.policy.kind, answer.policy)) {
      return { code: 'INK_POLICY_MISMATCH', reason: explainMisfit(this.policy.kind, answer.policy) }
    }
    if (table.isGone(peer.instance)) {
      return { code: 'INK_TAKEN_OVER', reason: `another, newer instance of ${peer.name} has taken over` }
    }
    const other = this.policy.kind === 'lossy' ? undefined : table.ofInstance(peer.instance, this.channel)
    if (other === undefined || other === this) return null
    return { code: 'INK_DUPLICATE_PEER', reason: `${peer.name} is connected already, through ${other.peer.address}: use that connection` }
  }

  onYielded(port: LinkPort, epoch: number): void {
    this.post({ type: 'yielded', link: port.id, epoch })
  }

  onRejected(port: LinkPort, code: InkwireErrorCode, reason: string): void {
    this.#lastFault = reason
    this.post({ type: 'rejected', link: port.id, code, reason })
  }

  onConfirmed(port: LinkPort): void {
    this.post({ type: 'confirmed', link: port.id })
  }

  onGoodbye(port: LinkPort, reason: string): void {
    this.post({ type: 'goodbye', link: port.id, reason })
  }

  onFault(port: LinkPort, _code: InkwireErrorCode, reason: string): void {
    this.#lose(port, reason)
  }

  onClosed(port: LinkPort, end: LinkClosed): void {
    if (this.#ports.get(port.id) !== port) return
    if (end.end === 'refused' && this.session.machine.failures === 0) {
      const error = new InkwireError('INK_CONNECTION_REFUSED', `nobody listens at ${this.#dialAddress ?? ''}; dialling goes on`)
      this.#world.report({ type: 'refused', connection: this.connection, error })
      this.#world.dispatchers.notify('onRefused', this.connection, error)
    }
    this.#lose(port, end.message)
  }

  #lose(port: LinkPort, reason: string): void {
    if (this.#ports.get(port.id) !== port) return
    this.#faults++
    this.#lastFault = reason
    if (this.#shown && this.session.machine.state.name !== 'draining') this.#world.report({ type: 'fault', connection: this.connection, reason })
    this.#drop(port.id)
    this.post({ type: 'fault', link: port.id, reason })
  }

  // What the flow tells.

  silent(reason: string): void {
    if (this.#flow.port !== null) this.#lose(this.#flow.port, reason)
  }

  skewed(aheadMs: number): void {
    this.#world.report({ type: 'clockSkew', connection: this.connection, aheadMs })
  }

  afterTurn(): void {
    if (this.#draining.size > 0 && this.session.outbound.belowLowWater) this.#draining.resolveAll()
    this.#settle()
  }

  afterFinish(): void {
    if (this.#life === 'closing' || this.session.inbound.ackDueMs < this.#armedMs) this.#settle()
  }

  /** After anything happened: is a closing connection done, and when must we look again? */
  #settle(): void {
    if (this.#life === 'closed') return
    const { machine } = this.session
    if (machine.life.name === 'closing' && machine.state.name !== 'draining' && !this.session.hasWork) {
      this.#reactor.post({ type: 'drained' })
    }
    this.#arm()
  }

  #arm(): void {
    const deadlineMs = Math.min(deadlineOf(this.session.machine), this.#flow.deadlineMs)
    if (deadlineMs >= this.#armedMs || this.state === 'closed') return
    const { clock } = this.#world.runtime
    clock.clearTimer(this.#timer)
    this.#armedMs = deadlineMs
    this.#timer = clock.setTimer(this.#tick, deadlineMs - clock.nowMs())
  }

  readonly #tick = (): void => {
    this.#armedMs = Infinity
    if (this.#life === 'closed') return
    const nowMs = this.#world.runtime.clock.nowMs()
    this.#flow.tick(nowMs)
    if (nowMs >= deadlineOf(this.session.machine)) this.#reactor.post({ type: 'deadline' })
    this.#settle()
  }
}
