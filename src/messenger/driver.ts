/**
 * Runs one connection: gives the pure session a world of links, timers and callbacks.
 *
 * Control events go through the reactor, one at a time; what the session answers is carried out here, in order. Data
 * takes the flow. Every wait has a deadline from the session, and there is one alarm per connection. What the application
 * sees is in caller.ts.
 */
import type { Subject } from 'rxjs'
import type { InkwireErrorCode } from '../common/errors.ts'
import { toHex } from '../common/bytes.ts'
import type { HeldShare } from '../policies/held-budget.ts'
import type { Policy } from '../policies/policy.ts'
import { refusal } from '../session/endpoint/answered.ts'
import type { Member } from '../session/endpoint/member.ts'
import type { Given, SessionEvent } from '../session/machine.ts'
import type { Action } from '../session/session.ts'
import { Session } from '../session/session.ts'
import { deadlineOf, linksOf } from '../session/transition.ts'
import type { LinkClosed } from '../transports/transport.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Identity, SessionAnswer, SessionOffer } from '../wire/wire.ts'
import { Alarm } from './alarm.ts'
import type { AlarmOwner } from './alarm.ts'
import type { Connection } from './connection.ts'
import type { DriverOptions } from './driver-options.ts'
import { DialTarget } from './dial-target.ts'
import { Flow } from './flow.ts'
import type { FlowOwner } from './flow.ts'
import { Inbox } from './inbox.ts'
import type { InboxOwner } from './inbox.ts'
import { LinkPort } from './link-port.ts'
import { LinkRecord } from './link-record.ts'
import type { PortOwner } from './link-port.ts'
import { accountOf } from './name-quota.ts'
import { Caller } from './caller.ts'
import type { CallerDriver } from './caller.ts'
import { PortSet } from './port-set.ts'
import { Reactor } from './reactor.ts'
import type { ReactorOwner } from './reactor.ts'
import { ConnectionHost } from './service-host.ts'
import type { Shared } from './shared.ts'

export class Driver implements Member, CallerDriver, PortOwner, FlowOwner, InboxOwner, ReactorOwner, AlarmOwner {
  readonly caller: Caller
  readonly host: ConnectionHost
  readonly policy: Policy
  readonly channel: number
  readonly role: 'initiator' | 'responder'
  readonly expectType: string | null
  readonly expectName: string | null
  readonly session: Session
  readonly #shared: Shared
  readonly reactor: Reactor
  readonly flow: Flow
  readonly inbox: Inbox
  readonly #ports = new PortSet()
  readonly links: LinkRecord
  readonly #target: DialTarget
  readonly #account: string | null
  readonly #held: HeldShare
  readonly #alarm: Alarm

  constructor(shared: Shared, options: DriverOptions) {
    const { policy, channel, role, address, expectType, expectName } = options
    const { limits } = shared
    this.#shared = shared
    this.expectType = expectType
    this.expectName = expectName
    this.role = role
    this.policy = policy
    this.channel = channel
    this.#account = options.account ?? null
    this.#target = new DialTarget(shared, address, role === 'initiator' ? 'caller' : 'peer', options.account)
    this.session = new Session(
      {
        policy,
        role,
        channel,
        self: shared.self(),
        handshakeTimeoutMs: limits.handshakeTimeoutMs,
        yieldMs: limits.yieldMs,
        tentativeMs: limits.tentativeMs,
        runs: limits,
        acks: limits,
        protocol: shared.wire,
      },
      shared.stamps.clock,
    )
    const peer = { type: expectType, name: expectName, address: address ?? '', instance: null }
    this.caller = new Caller(shared, this, policy, peer, role === 'initiator')
    this.host = new ConnectionHost(this, shared.queue)
    this.links = new LinkRecord(shared, this.caller)
    this.inbox = new Inbox(this, policy.concurrency, shared.throttleOf(policy), (inbox) => shared.queue.wake(inbox))
    this.flow = new Flow(shared, this.session, this.inbox, this)
    this.#held = shared.held.share(shared.heldOf(policy), this.#account, this.flow)
    this.session.inbound.held.share = this.#held
    this.reactor = new Reactor(this.session, this)
    this.#alarm = new Alarm(shared.runtime.clock, this)
  }

  get connection(): Connection {
    return this.caller.connection
  }

  get life(): Caller['life'] {
    return this.caller.life
  }

  get address(): string {
    return this.caller.peer.address
  }

  get stream(): Subject<InboundMessage> | null {
    return this.caller.stream
  }

  /** A handler runs for which a close waits: of this connection, or of any when the messenger is ending. */
  get isHandling(): boolean {
    return this.inbox.running > 0 || this.host.isHeld || this.#shared.queue.keepsAll
  }

  /** A caller wants it: begins to dial, unless there is a link. From now on the caller is told how it ends. */
  connect(): void {
    this.caller.shown = true
    this.post({ type: 'connect' })
  }

  /** As `connect()`, by a caller who says that the peer is at this address. */
  connectAt(address: string): void {
    this.#target.also(address, linksOf(this.session.machine.state).length > 0)
    this.connect()
  }

  /** A link of this peer arrived and asks for a session. */
  take(port: LinkPort, peer: Identity, offer: SessionOffer): void {
    port.owner = this
    this.#ports.add(port)
    this.onOffer(port, peer, offer)
  }

  /** The peer is known to be gone for good. */
  giveUp(code: InkwireErrorCode, reason: string): void {
    this.post({ type: 'markDown', cause: 'fault', code, reason })
  }

  post(event: SessionEvent): void {
    this.reactor.post(event)
    this.#settle()
  }

  input(): Given {
    const { clock, random } = this.#shared.runtime
    const given = {
      freshId: toHex(random.bytes(16)),
      freshLink: this.#shared.nextLink(),
      canDial: this.#target.isOpen,
      handling: this.isHandling,
    }
    return { nowMs: clock.nowMs(), random: random.next(), ...given }
  }

  // What the session wants done.

  perform(action: Action): void {
    switch (action.type) {
      case 'dial':
        if (!this.reactor.isEnding) this.#dial(action.link, action.offer)
        break
      case 'answer': {
        const { link, answer } = action
        const peer = this.#ports.answer(link, answer)
        if (peer !== null) this.#shared.table.partners.promised(this, answer.id, peer, this.session.machine.session)
        break
      }
      case 'confirm':
        // The flow writes it, together with the first data.
        this.#ports.get(action.link)?.wire.confirm()
        break
      case 'yield':
        this.#ports.dismiss(action.link, (port) => port.wire.yield(action.epoch))
        break
      case 'reject':
        this.#ports.dismiss(action.link, (port) => {
          port.wire.reject(action.code, action.reason)
          // Whether the connection lives on (somebody else claims its peer's name) or was made for this link alone.
          this.#shared.refusals.tell(port, `${port.peer?.name ?? 'a peer'}: ${action.reason}`)
        })
        break
      case 'again':
        this.#ports.release(action.link)?.giveBack(action.say)
        break
      case 'goodbye':
        this.flow.goodbye(this.#ports.get(action.link), action.reason, action.path)
        break
      case 'drop':
        this.links.dropped(this.#ports.get(action.link), action.cause, action.reason)
        this.#drop(action.link)
        break
      case 'replaced':
        // Whoever was confirmed before had the name that the session has.
        this.#shared.table.bury(this.caller.peer.name ?? '', action.instance)
        break
      case 'adopt':
        if (!this.reactor.isEnding) this.#adopt(action)
        break
      case 'remoteReset':
        this.#clearInbox()
        this.caller.remoteReset(action)
        break
      case 'closed':
        if (action.cause === 'refused') this.links.count(action.reason)
        this.#end()
        this.caller.ended(action)
        break
    }
  }

  #dial(id: number, offer: SessionOffer): void {
    const link = this.#target.dial(this.session.machine.failures)
    if (typeof link === 'string') {
      this.links.fault(undefined, link)
      this.post({ type: 'fault', link: id, reason: link })
      return
    }
    const context = { ...this.#shared.context(), target: this.#target.address }
    const port = new LinkPort(id, link, this.#shared.wire, 'dialler', context, this)
    this.#ports.add(port)
    port.wire.open({ ...offer, resume: this.#shared.table.partners.known(this, offer.resume) })
    port.flushHandshake()
  }

  #drop(link: number): void {
    if (this.flow.port?.id === link) this.flow.detach()
    this.#ports.drop(link)
  }

  #adopt(action: Extract<Action, { type: 'adopt' }>): void {
    const port = this.#ports.get(action.link)
    if (port === undefined || port.peer === null) return
    const { peer } = port
    const over = this.#shared.table.adopt(this, peer)
    this.#shared.table.partners.agreed(this, this.session.machine.session ?? '', peer)
    this.#know(peer, port)
    this.caller.shown = true
    this.flow.attach(port)
    this.#shared.services.adopted(this.host, { resumed: action.continues, note: port.wire.note })
    this.caller.withdrawUnfit()
    this.#tell(action, port)
    over?.giveUp('INK_RESET', 'the client dialled again')
  }

  #tell({ continues, replayed }: Extract<Action, { type: 'adopt' }>, port: LinkPort): void {
    if (this.reactor.isEnding) return
    if (continues) this.links.counters.resumes++
    else this.links.counters.sessions++
    if (continues) this.caller.resumed(replayed)
    else if (!this.reactor.isLeaving) this.caller.began(port.role === 'dialler')
  }

  #know(peer: Identity, port: LinkPort): void {
    const { name, instance, principal } = peer
    const [type = name] = name.split('.')
    this.#target.met(peer, port)
    this.#held.belongTo(accountOf(peer))
    const address = this.#target.address ?? port.link.remoteAddress
    this.caller.peer = { type, name, address, instance, ...(principal === undefined ? null : { principal }) }
  }

  #end(): void {
    this.caller.life = 'closed'
    this.flow.detach()
    this.#ports.abandon()
    this.#clearInbox()
    this.#held.close()
    this.#shared.table.remove(this)
    if (this.#account !== null) this.#shared.quota.left(this.#account, this.session.isUseful)
    this.#alarm.clear()
    this.reactor.complete()
  }

  #clearInbox(): void {
    for (const message of this.inbox.clear()) this.flow.drop(message)
  }

  // What the links tell.

  onOffer(port: LinkPort, peer: Identity, offer: SessionOffer): void {
    port.peer = peer
    const replaced = this.#shared.table.isGone(peer)
    this.post({ type: 'offer', link: port.id, instance: peer.instance, offer, replaced })
  }

  onOpened(port: LinkPort, said: Identity, answer: SessionAnswer): void {
    const peer = this.#shared.redials.located(said, port.link)
    port.peer = peer
    const { capabilities } = port.wire
    if (this.#refuses(port, peer, answer)) return
    this.post({ type: 'opened', link: port.id, instance: peer.instance, answer, capabilities })
  }

  onYielded(port: LinkPort, peer: Identity | null, epoch: number): void {
    if (!this.#refuses(port, peer, null)) this.post({ type: 'yielded', link: port.id, epoch })
  }

  onRejected(port: LinkPort, peer: Identity | null, code: InkwireErrorCode, reason: string): void {
    if (!this.#refuses(port, peer, null)) this.post({ type: 'rejected', link: port.id, code, reason })
  }

  /** Who answered is not our peer, or may not be. If we had one, it may still come back: then only the link is over. */
  #refuses(port: LinkPort, peer: Identity | null, answer: SessionAnswer | null): boolean {
    const shared = this.#shared
    const asked = { member: this, self: shared.context().self, hasSession: this.session.machine.session !== null }
    const refused = peer === null ? null : refusal(shared.table, asked, peer, answer)
    if (refused === null) return false
    const { code, reason, final } = refused
    if (!final && code === 'INK_WRONG_PEER') this.#doubt(port, code, reason)
    if (final) this.post({ type: 'rejected', link: port.id, code, reason })
    else this.#lose(port, reason)
    return true
  }

  onConfirmed(port: LinkPort): void {
    this.post({ type: 'confirmed', link: port.id, capabilities: port.wire.capabilities })
  }

  onGoodbye(port: LinkPort, reason: string): void {
    this.post({ type: 'goodbye', link: port.id, code: 'INK_PEER_CLOSED', reason })
  }

  onFault(port: LinkPort, code: InkwireErrorCode, reason: string): void {
    if (code === 'INK_AUTH_REFUSED' && port.role === 'dialler') this.#doubt(port, code, reason)
    this.#lose(port, reason)
  }

  /** The application hears once in a row that somebody else answers. */
  #doubt(port: LinkPort, code: InkwireErrorCode, reason: string): void {
    const isNews = this.session.machine.failures === 0 || this.links.lastFault !== reason
    if (isNews && this.#ports.holds(port)) this.caller.doubted(code, reason)
  }

  onClosed(port: LinkPort, end: LinkClosed): void {
    if (!this.#ports.holds(port)) return
    if (end.end === 'refused' && this.session.machine.failures === 0) this.caller.unanswered(this.#target.address ?? '')
    this.#lose(port, end.message)
  }

  #lose(port: LinkPort, reason: string): void {
    if (!this.#ports.holds(port)) return
    if (this.session.machine.state.name === 'draining') this.links.count(reason)
    else this.links.fault(port, reason)
    this.#drop(port.id)
    this.post({ type: 'fault', link: port.id, reason })
  }

  // What the flow tells.

  silent(reason: string): void {
    if (this.flow.port !== null) this.#lose(this.flow.port, reason)
  }

  skewed(aheadMs: number): void {
    this.#shared.report({ type: 'clockSkew', connection: this.connection, aheadMs })
  }

  afterTurn(): void {
    this.caller.afterTurn()
    this.#settle()
  }

  afterFinish(): void {
    const acks = this.session.path?.acks
    // What is due at the end of this turn needs no timer: the flow has scheduled it.
    if (acks !== undefined && acks.dueMs < this.#alarm.atMs && !acks.isDueNow) this.#settle()
  }

  afterHandler(): void {
    if (this.caller.life === 'closing') this.#settle()
  }

  rung(): void {
    const nowMs = this.#shared.runtime.clock.nowMs()
    this.flow.tick(nowMs)
    if (nowMs >= deadlineOf(this.session.machine)) this.reactor.post({ type: 'deadline' })
    this.#settle()
  }

  /** After anything happened: is a closing connection done, and when must we look again? */
  #settle(): void {
    if (this.caller.life === 'closed') return
    const { machine } = this.session
    const isDone = machine.life.name === 'closing' && !this.session.hasWork && !this.isHandling
    if (isDone && machine.state.name !== 'draining') this.reactor.post({ type: 'drained' })
    if (this.caller.state === 'closed') return
    this.#alarm.ringBy(Math.min(deadlineOf(this.session.machine), this.flow.deadlineMs))
  }
}
