/**
 * One connection: the pure session, and the parts that give it a world of links, timers and callbacks, put together.
 *
 * Control events go through the reactor, one at a time, and what the session answers is carried out by the performer, in
 * order. What links tell comes from link-events.ts; data takes the flow; when what is looked after is in turns.ts; what the
 * application sees is in caller.ts. Here is what the rest of the messenger may ask of it.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { HeldShare } from '../policies/held-budget.ts'
import type { Policy } from '../policies/policy.ts'
import type { SessionEvent } from '../session/event.ts'
import type { Session } from '../session/session.ts'
import { linksOf } from '../session/holdings.ts'
import type { Outlet } from '../streams/broadcast.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Identity, SessionOffer } from '../wire/wire.ts'
import type { Connection } from './connection.ts'
import { sessionOf } from './driver-options.ts'
import type { DriverOptions } from './driver-options.ts'
import { DialTarget } from './dial-target.ts'
import { Flow } from './flow.ts'
import type { FlowOwner } from './port-terms.ts'
import { Inbox } from './inbox.ts'
import type { InboxOwner } from './inbox.ts'
import { LinkEvents } from './link-events.ts'
import type { LinkPort } from './link-port.ts'
import { LinkRecord } from './link-record.ts'
import { Caller } from './caller.ts'
import type { CallerDriver } from './caller.ts'
import { Performer } from './performer.ts'
import type { PerformerParts } from './performer.ts'
import { Paths } from './paths.ts'
import { PortSet } from './port-set.ts'
import { Reactor } from './reactor.ts'
import { ConnectionHost } from './service-host.ts'
import type { Shared } from './shared.ts'
import { Turns } from './turns.ts'

export class Driver implements CallerDriver, PerformerParts, FlowOwner, InboxOwner {
  readonly caller: Caller
  readonly host: ConnectionHost
  readonly policy: Policy
  readonly channel: number
  readonly role: 'initiator' | 'responder'
  readonly expectType: string | null
  readonly expectName: string | null
  readonly session: Session
  readonly reactor: Reactor
  readonly ports = new PortSet()
  readonly links: LinkRecord
  readonly target: DialTarget
  readonly flow: Flow
  readonly inbox: Inbox
  readonly events: LinkEvents
  /** Under which name it counts; null when a caller wants it. */
  readonly account: string | null
  readonly held: HeldShare
  readonly turns: Turns
  readonly paths: Paths
  readonly #shared: Shared
  readonly #performer: Performer

  constructor(shared: Shared, options: DriverOptions) {
    const { policy, channel, role, addresses, expectType, expectName } = options
    this.#shared = shared
    this.expectType = expectType
    this.expectName = expectName
    this.role = role
    this.policy = policy
    this.channel = channel
    this.account = options.account ?? null
    this.target = new DialTarget(shared, addresses, role === 'initiator' ? 'caller' : 'peer', options.account)
    this.session = sessionOf(shared, options)
    const peer = { type: expectType, name: expectName, address: addresses[0] ?? '', instance: null }
    this.caller = new Caller(shared, this, policy, peer, role === 'initiator')
    this.host = new ConnectionHost(this, shared.queue)
    this.links = new LinkRecord(shared, this.caller)
    this.events = new LinkEvents(shared, this)
    this.inbox = new Inbox(this, policy.concurrency, shared.throttleOf(policy), shared.queue)
    this.flow = new Flow(shared, this.session, this.inbox, this)
    this.held = shared.held.share(shared.heldOf(policy), this.account, this.flow)
    this.session.inbound.held.share = this.held
    this.#performer = new Performer(shared, this)
    this.reactor = new Reactor(this.session, this.#performer)
    this.paths = new Paths(shared, this, options.paths)
    this.turns = new Turns(shared.alarms, this)
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

  get stream(): Outlet<InboundMessage> | null {
    return this.caller.view.stream
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

  /** As `connect()`, by a caller who says that the peer is at these addresses. */
  connectAt(addresses: readonly string[]): void {
    this.target.also(addresses, linksOf(this.session.machine.state).length > 0)
    this.connect()
  }

  /** A link of this peer arrived and asks for a session. */
  take(port: LinkPort, peer: Identity, offer: SessionOffer): void {
    port.owner = this.events
    this.ports.add(port)
    this.events.onOffer(port, peer, offer)
  }

  /** The peer is known to be gone for good. */
  giveUp(code: InkwireErrorCode, reason: string): void {
    this.post({ type: 'markDown', cause: 'fault', code, reason })
  }

  post(event: SessionEvent): void {
    this.turns.post(event)
  }

  drop(link: number): void {
    this.#performer.drop(link)
  }

  relocated(addresses: readonly string[]): void {
    const { port } = this.flow
    if (port !== null) this.events.onRelocated(port, addresses)
  }

  // What the flow tells.

  silent(reason: string): void {
    if (this.flow.port !== null) this.events.lose(this.flow.port, reason)
  }

  skewed(aheadMs: number): void {
    this.#shared.report({ type: 'clockSkew', connection: this.connection, aheadMs })
  }

  turn(): void {
    this.turns.turn()
  }

  afterFinish(): void {
    this.turns.afterFinish()
  }

  afterHandler(): void {
    if (this.caller.life === 'closing') this.turn()
  }
}
