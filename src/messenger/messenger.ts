/**
 * A messenger: one entity name, one instance, its bound addresses, its policies by peer type and its dispatchers.
 *
 * It finds or makes the connection that a call or an arriving link means; everything after that is the connection's.
 */
import { Subject } from 'rxjs'
import type { Observable } from 'rxjs'
import { InkwireError } from '../common/errors.ts'
import { toHex } from '../common/bytes.ts'
import { INSPECT, printed } from '../common/inspect.ts'
import type { Inspect } from '../common/inspect.ts'
import { explainNoDial, mayDial } from '../policies/compatibility.ts'
import { HeldBudget } from '../policies/held-budget.ts'
import type { Policy } from '../policies/policy.ts'
import { Endpoint as SessionTable } from '../session/endpoint/endpoint.ts'
import { isWildcard } from '../transports/address.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Stamp } from '../wire/stamp.ts'
import { OutBuffer } from '../wire/out-buffer.ts'
import type { Identity, WireContext } from '../wire/wire.ts'
import { Acceptor } from './acceptor.ts'
import type { CallLayer } from './calls.ts'
import { connectAgain } from './connect-again.ts'
import type { Connection } from './connection.ts'
import { BodyMemory } from './body-memory.ts'
import { BoundAddresses } from './bound-addresses.ts'
import { DispatchQueue } from './dispatch-queue.ts'
import { Dispatchers } from './dispatchers.ts'
import type { Dispatcher, TypedHandler } from './dispatchers.ts'
import { Driver } from './driver.ts'
import type { MessengerDump } from './dump.ts'
import type { MessengerEvent } from './events.ts'
import { Endpoints, type Endpoint, type EndpointTarget } from './endpoints.ts'
import type { EndpointHandlers } from './endpoint-life.ts'
import type { LayerSeam } from './layer-seam.ts'
import { Loopback } from './loopback.ts'
import { checkBindOptions, checkConnectOptions, resolveOptions } from './options.ts'
import type { BindOptions, ConnectOptions, MessengerOptions, ResolvedOptions } from './options.ts'
import { NameQuota } from './name-quota.ts'
import { PolicyBounds } from './policy-bounds.ts'
import { Router } from './router.ts'
import { AddressResolver } from './address-resolver.ts'
import { protocolService } from './protocol-service.ts'
import { Redials } from './redials.ts'
import { Refusals } from './refusals.ts'
import type { Remover } from './remover.ts'
import type { Service } from './service.ts'
import { Services } from './services.ts'
import { beginStamps } from './stamps.ts'
import { Stream } from './stream.ts'
import type { MessageType } from './typed-message.ts'
import { waitsForItself } from './waiters.ts'
import { Warnings } from './warnings.ts'
import type { Shared } from './shared.ts'

export class Messenger implements AsyncDisposable {
  readonly name: string
  /** 128 random bits, as 32 hexadecimal digits: who this is, for as long as it lives. */
  readonly instance: string
  /** Every event, hot, without replay; completes after `close()`. Never errors. */
  readonly events$: Observable<MessengerEvent>
  /** Every message of every connection as it is dispatched; hot, without replay. Never errors. */
  readonly messages$: Observable<InboundMessage>
  /** The connection to this messenger itself. */
  readonly loopback: Connection
  readonly #options: ResolvedOptions
  readonly #shared: Shared
  readonly #loopback: Loopback
  readonly #table: SessionTable<Driver>
  readonly #acceptor: Acceptor
  readonly #dispatchers: Dispatchers
  readonly #events = new Subject<MessengerEvent>()
  readonly #messages = new Subject<InboundMessage>()
  readonly #resolver: AddressResolver
  readonly #warnings: Warnings
  readonly #endpoints: Endpoints
  readonly #bound: BoundAddresses
  // For every link: a closure of its own would live as long as the link.
  readonly #randomBytes = (count: number): Uint8Array => this.#options.runtime.random.bytes(count)
  readonly #allocate = (bytes: number): Uint8Array => this.#shared.bodies.take(bytes)
  readonly #peersOf = (session: string): readonly Identity[] => this.#table.partners.all(session)
  readonly #bounds = new PolicyBounds()
  /** What links tell their peers: made anew when an address is bound. */
  #self: Identity | null = null
  #links = 0
  #channels = 0
  #life: 'running' | 'stopping' | 'stopped' = 'running'
  #stopped: Promise<void> | null = null

  /**
   * @throws InkwireError `INK_BAD_OPTION` or `INK_UNKNOWN_POLICY`, with a sentence that says what to write instead.
   */
  constructor(options: MessengerOptions) {
    this.#options = resolveOptions(options)
    const { name, limits, runtime, policies, wire } = this.#options
    this.name = name
    this.instance = toHex(runtime.random.bytes(16))
    const report = this.#report.bind(this)
    // Not an event: its own subscribers would hear of it, and may throw again.
    this.#warnings = new Warnings(name, runtime)
    this.events$ = new Stream(this.#events, (error) => {
      this.#warnings.say('a subscriber of events$', error)
    })
    this.messages$ = new Stream(this.#messages, (error) => {
      report({ type: 'subscriberError', stream: 'messages$', error })
    })
    const stamps = beginStamps(this.#options, this.#warnings, report)
    this.#dispatchers = new Dispatchers(this.#messages, report, () => stamps.now())
    const services = new Services(this.#dispatchers, report, this.#warnings)
    const own = protocolService(this.#options, report)
    if (own !== null) services.use(own)
    this.#endpoints = new Endpoints({ instance: this.instance, runtime, limits, report })
    services.use(this.#endpoints)
    this.#table = new SessionTable(limits.goneInstancesMax, provesNames(this.#options))
    this.#shared = {
      runtime,
      limits,
      wire,
      services,
      calls: () => this.callLayer(),
      self: () => this.#bound.entity,
      out: new OutBuffer(),
      stamps,
      bodies: new BodyMemory(),
      dispatchers: this.#dispatchers,
      queue: new DispatchQueue(services, runtime.clock, limits.dispatchTurnMs),
      table: this.#table,
      context: () => this.#context(),
      report,
      refusals: new Refusals(runtime.clock, limits.refusalsToldMax, report),
      dial: (text) => this.#resolver.dial(text),
      redials: new Redials((text) => this.#resolver.locate(text), this.#options.redial, limits, runtime.clock),
      quota: new NameQuota(limits),
      held: new HeldBudget(limits.heldBytesMax, limits.heldBytesPerNameMax),
      heldOf: (policy) => this.#bounds.of(policy)?.held ?? null,
      nextLink: () => ++this.#links,
      throttleOf: (policy) => this.#bounds.of(policy)?.throttle ?? null,
    }
    const isRunning = (): boolean => this.#life === 'running'
    const router = new Router(this.#shared, this.#table, { name, instance: this.instance, policies, isRunning })
    this.#acceptor = new Acceptor(this.#shared, (port, peer, offer) => router.route(port, peer, offer))
    this.#resolver = new AddressResolver(this.#options.transports, wire.addresses)
    this.#bound = new BoundAddresses({
      name,
      instance: this.instance,
      resolver: this.#resolver,
      notation: wire.addresses,
      accept: (link, local) => {
        this.#acceptor.accept(link, local)
      },
      missed: (local, reason) => {
        this.#shared.refusals.missed(local, reason)
      },
    })
    const policy = policies.find(this.#options.type) ?? policies.entries()[0]?.[1]
    const self = { type: this.#options.type, name, address: 'loopback', instance: this.instance }
    this.#loopback = new Loopback(this.#shared, policy as Policy, self)
    this.loopback = this.#loopback.connection
  }

  /**
   * Where this messenger can be dialled, as peers are told. A wildcard is not here: to each peer it means the address of this
   * host by which that peer was reached.
   */
  get addresses(): readonly string[] {
    return [...this.#bound.advertised]
  }

  /** Every connection, with its peer; without the loopback. */
  get connections(): readonly Connection[] {
    return this.#table
      .members()
      .filter((driver) => driver.caller.shown)
      .map((driver) => driver.connection)
  }

  /**
   * Listens. May be called several times, at most 8; the first address is the entity address that breaks ties.
   *
   * @param address `tcp://127.0.0.1:0` takes any free port.
   * @returns the address that was bound, with its port.
   * @throws InkwireError `INK_BAD_ADDRESS`, `INK_ADDRESS_IN_USE`, `INK_BIND_FAILED`, `INK_CLOSED`, `INK_BAD_OPTION`.
   */
  async bind(address: string, options: BindOptions = {}): Promise<string> {
    this.#mustRun('bind()')
    checkBindOptions(options)
    return await this.#bound.bind(address, options)
  }

  /**
   * The connection to a peer: the same peer gives the same Connection. Returns at once and dials in the background; the
   * messenger's own address gives `loopback`. A connection is shared by callers who ask for the same address, or for the
   * same name at any. Who asks for a type or a name where an earlier caller asked for nobody in particular, and nobody has
   * answered yet, gets one of its own: when both turn out to be the same peer, it ends with `INK_DUPLICATE_PEER`, and
   * `connect()` with that name gives the other from then on.
   *
   * @throws InkwireError `INK_BAD_ADDRESS`, `INK_BAD_OPTION`, `INK_UNKNOWN_POLICY`, `INK_CLOSED`, or `INK_REFUSED` when
   *   `limits.connectionsMax` is reached.
   */
  connect(address: string, options: ConnectOptions = {}): Connection {
    this.#mustRun('connect()')
    checkConnectOptions(options)
    const { address: target, text } = this.#resolver.locate(address)
    if (isWildcard(target))
      throw new InkwireError('INK_BAD_ADDRESS', `${text} is every address of a host: name one that the peer listens on`)
    if (/:0(?:\/\d+)?$/.test(text))
      throw new InkwireError('INK_BAD_ADDRESS', `${text} has no port: port 0 is only for bind()`)
    if (this.#bound.owns(text)) return this.loopback
    const type = options.type ?? options.name?.split('.')[0] ?? null
    const policy = options.policy ?? this.#options.policies.resolve(type ?? 'default')
    if (!mayDial(policy.kind)) throw new InkwireError('INK_BAD_OPTION', explainNoDial(policy, type ?? 'default'))
    const channel = options.anonymous === true ? ++this.#channels : 0
    const wish = { type, name: options.name ?? null, policy: options.policy ?? null, kind: policy.kind }
    const existing = channel === 0 ? this.#table.wanted(text, wish) : undefined
    if (existing !== undefined) return connectAgain(existing, wish, text)
    const { size } = this.#table
    if (size >= this.#options.limits.connectionsMax) {
      throw new InkwireError(
        'INK_REFUSED',
        `there are ${size} connections, the limit: close some, or raise limits.connectionsMax`,
      )
    }
    const driver = new Driver(this.#shared, {
      policy,
      role: 'initiator',
      channel,
      address: text,
      expectType: type,
      expectName: options.name ?? null,
    })
    this.#table.add(driver, text)
    driver.connect()
    return driver.connection
  }

  /** Appends a dispatcher to the chain; the function that is returned removes it. */
  use(dispatcher: Dispatcher): Remover {
    return this.#dispatchers.use(dispatcher)
  }

  /** Handles a typed message; the function that is returned removes the handler. One handler per type. */
  on<Body, Input>(definition: MessageType<Body, Input>, handler: TypedHandler<Body>): Remover {
    return this.#dispatchers.on(definition, handler)
  }

  /**
   * Adds a layer that rides on sessions, with messages of its own; the function that is returned removes it. It is told of
   * the sessions that are open already.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` for what is no service, a number that another has, or more than 64 of them.
   */
  useService(service: Service): Remover {
    const open = this.#table.members().filter(({ session }) => session.openLink >= 0)
    return this.#shared.services.use(
      service,
      open.map(({ host }) => host),
    )
  }

  /**
   * A stamp of this moment by the hybrid logical clock: above every one made here before, and above that of every message
   * received, whatever wall clocks do. Every message on a link is stamped by the same clock; see `message.stamp`.
   */
  now(): Stamp {
    return this.#shared.stamps.now()
  }

  /** What does calls: plugged in by the `Messenger` of the public surface. @internal */
  protected callLayer(): CallLayer<Connection> {
    throw new InkwireError('INK_BAD_ARGUMENT', `${this.name} does no calls: make it with the Messenger of 'inkwire'`)
  }

  /** What a layer that is plugged in gets of this messenger, beside what anybody may use. @internal */
  protected get seam(): LayerSeam {
    const { limits, runtime } = this.#shared
    return { limits, clock: runtime.clock, random: runtime.random, report: this.#report.bind(this) }
  }

  /**
   * Follows a peer, or all of a type, from appear to disappear, in step with the other end; see docs/ENDPOINTS.md.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` for what is no target, or one that has an endpoint already; `INK_CLOSED`.
   */
  endpoint(target: EndpointTarget, handlers: EndpointHandlers): Endpoint {
    this.#mustRun('endpoint()')
    return this.#endpoints.open(target, handlers)
  }

  /** Everything worth knowing, as plain data for people. */
  dump(): MessengerDump {
    return {
      name: this.name,
      instance: this.instance,
      wire: this.#options.wire.name,
      addresses: this.addresses,
      halfOpenLinks: this.#acceptor.size,
      goneInstances: this.#table.goneCount,
      connections: this.#table.members().map((driver) => driver.caller.dump()),
    }
  }

  /** The short of it, for JSON and logs; `dump()` has all. */
  toJSON(): object {
    const { name, instance, addresses } = this
    const { wire } = this.#options
    return { name, instance, wire: wire.name, addresses, life: this.#life, connections: this.connections.length }
  }

  /** As `console.log` shows it. */
  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return printed('Messenger', this.toJSON(), options, inspect)
  }

  /**
   * Takes no new peers, drains and closes every connection, stops listening, and completes the streams. A peer that has
   * lost its link may come back for what is left of its session. What could not be drained within
   * `limits.drainTimeoutMs` comes back through `onReset`. Handlers that run may finish, and use every connection until the
   * last of them has. Calling it again waits for the same end. Never rejects, but that a handler which calls it before its
   * first `await` is told at once that it would wait for itself (`INK_DEADLOCK`); not awaiting it is fine there.
   */
  close(): Promise<void> {
    const isHandler = this.#shared.dispatchers.calling !== null
    this.#stopped ??= this.#stop()
    return isHandler && this.#shared.queue.handling > 0 ? waitsForItself('close()', this.#stopped) : this.#stopped
  }

  /** As `close()`: what Ceph calls it. */
  shutdown(): Promise<void> {
    return this.close()
  }

  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #stop(): Promise<void> {
    this.#life = 'stopping'
    this.#bound.seal()
    const handlers = this.#handlersEnd()
    // A session that has lost its link drains when its peer finds us again.
    const closing = this.#table.members().map((driver) => driver.caller.close({}))
    await Promise.allSettled([...closing, this.#loopback.close({}), handlers])
    await this.#endpoints.closeAll()
    await this.#bound.close()
    this.#acceptor.shutdown()
    this.#shared.refusals.flush()
    this.#shared.services.stop()
    this.#life = 'stopped'
    this.#messages.complete()
    this.#events.complete()
  }

  /** When no handler runs any more, those of connections that are over included; or when the time for that is up. */
  #handlersEnd(): Promise<void> {
    const { queue, limits, runtime } = this.#shared
    return new Promise((resolve) => {
      const timer = runtime.clock.setTimer(resolve, limits.drainTimeoutMs)
      const idle = (): void => {
        for (const driver of this.#table.members()) driver.afterHandler()
        this.#loopback.afterHandler()
        runtime.clock.clearTimer(timer)
        resolve()
      }
      queue.end(idle)
      if (queue.handling === 0) idle()
    })
  }

  #context(): WireContext {
    const { auth, limits } = this.#options
    const { told } = this.#bound
    if (this.#self?.addresses !== told) this.#self = { name: this.name, instance: this.instance, addresses: told }
    const [randomBytes, allocate, peersOf] = [this.#randomBytes, this.#allocate, this.#peersOf]
    return { self: this.#self, auth, limits, randomBytes, allocate, peersOf }
  }

  /** An error that nobody listens for must not be lost: it becomes a warning of the process. */
  #report(event: MessengerEvent): void {
    if (this.#events.observed) this.#events.next(event)
    if (event.type === 'dispatchError') this.#warnings.say('a dispatcher', event.error)
    else if (event.type === 'stampsUnsaved') this.#warnings.say('stamps.save()', event.error)
    else if (event.type === 'subscriberError') this.#warnings.say(`a subscriber of ${event.stream}`, event.error)
  }

  #mustRun(what: string): void {
    if (this.#life !== 'running') throw this.#stoppedError(what)
  }

  #stoppedError(what: string): InkwireError {
    return new InkwireError('INK_CLOSED', `${what}: the messenger ${this.name} is shut down`)
  }
}

/** Whether peers that dial have proved their names, to the protocol or to `auth`. */
function provesNames({ wire, auth }: ResolvedOptions): boolean {
  return wire.ownAuth === undefined ? auth.name !== 'none' : wire.provesNames === true
}
