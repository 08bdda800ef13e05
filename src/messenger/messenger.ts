/**
 * A messenger: one entity name, one instance, its bound addresses, its policies by peer type and its dispatchers.
 *
 * It finds or makes the connection that a call or an arriving link means; everything after that is the connection's.
 */
import type { Observable } from 'rxjs'
import { toHex } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'
import { INSPECT, printed } from '../common/inspect.ts'
import type { Inspect } from '../common/inspect.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Stamp } from '../wire/stamp.ts'
import { Assembly } from './assembly.ts'
import type { CallLayer } from './calls.ts'
import type { Connection } from './connection.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { MessengerDump } from './dump.ts'
import type { MessengerEvent } from './events.ts'
import type { EndpointHandlers } from './endpoint-life.ts'
import type { EndpointTarget } from './endpoint-target.ts'
import type { Endpoint } from './endpoints.ts'
import type { LayerSeam } from './layer-seam.ts'
import { MessengerStreams } from './messenger-streams.ts'
import { checkBindOptions, checkConnectOptions, resolveOptions } from './options.ts'
import type { BindOptions, ConnectOptions, MessengerOptions, ResolvedOptions } from './options.ts'
import type { Remover } from './remover.ts'
import type { Service } from './service.ts'
import { shutDown } from './shutdown.ts'
import type { TypedHandler } from './typed-handlers.ts'
import type { MessageType } from './typed-message.ts'
import { waitsForItself } from './waiters.ts'
import { Warnings } from './warnings.ts'

export class Messenger implements AsyncDisposable {
  readonly name: string
  /** 128 random bits, as 32 hexadecimal digits: who this is, for as long as it lives. */
  readonly instance: string
  /** The connection to this messenger itself. */
  readonly loopback: Connection
  readonly #options: ResolvedOptions
  readonly #parts: Assembly
  readonly #streams: MessengerStreams
  /** Of layers, what shows them in a dump. */
  readonly #layers = new Map<string, () => unknown>()
  #life: 'running' | 'stopping' | 'stopped' = 'running'
  #stopped: Promise<void> | null = null

  /**
   * @throws InkwireError `INK_BAD_OPTION` or `INK_UNKNOWN_POLICY`, with a sentence that says what to write instead.
   */
  constructor(options: MessengerOptions) {
    this.#options = resolveOptions(options)
    const { name, runtime } = this.#options
    this.name = name
    this.instance = toHex(runtime.random.bytes(16))
    const warnings = new Warnings(name, runtime)
    this.#streams = new MessengerStreams(warnings)
    const { messages, report } = this.#streams
    this.#parts = new Assembly(this.#options, {
      instance: this.instance,
      messages,
      warnings,
      report,
      calls: () => this.callLayer(),
      isRunning: () => this.#life === 'running',
    })
    this.loopback = this.#parts.loopback.connection
  }

  /** Every event, hot, without replay; completes after `close()`. Never errors. */
  get events$(): Observable<MessengerEvent> {
    return this.#streams.events$
  }

  /** Every message of every connection as it is dispatched; hot, without replay. Never errors. */
  get messages$(): Observable<InboundMessage> {
    return this.#streams.messages$
  }

  /**
   * Where this messenger can be dialled, as peers are told. A wildcard is not here: to each peer it means the address of this
   * host by which that peer was reached.
   */
  get addresses(): readonly string[] {
    return [...this.#parts.bound.advertised]
  }

  /** Every connection, with its peer; without the loopback. */
  get connections(): readonly Connection[] {
    return this.#parts.table
      .members()
      .filter((driver) => driver.caller.shown)
      .map((driver) => driver.connection)
  }

  /**
   * Listens. May be called several times, at most 8; the first address is the entity address that breaks ties. Peers of open sessions
   * hear of it at once, and those of others with their next link.
   *
   * @param address `tcp://127.0.0.1:0` takes any free port. One that is bound here already, with `advertise`: what peers are told of it.
   * @returns the address that was bound, with its port.
   * @throws InkwireError `INK_BAD_ADDRESS`, `INK_ADDRESS_IN_USE`, `INK_BIND_FAILED`, `INK_CLOSED`, `INK_BAD_OPTION`.
   */
  async bind(address: string, options: BindOptions = {}): Promise<string> {
    this.#mustRun('bind()')
    checkBindOptions(options)
    return await this.#parts.bound.bind(address, options)
  }

  /**
   * Listens there no more: no link comes by it from now on, those that have come stay. Peers of open sessions are told at once, and
   * look for this messenger elsewhere when they lose their link.
   *
   * @param address as `bind()` returned it.
   * @throws InkwireError `INK_BAD_ADDRESS`, `INK_BAD_ARGUMENT` for what is not bound here, `INK_CLOSED`.
   */
  async unbind(address: string): Promise<void> {
    this.#mustRun('unbind()')
    await this.#parts.bound.unbind(address)
  }

  /** As of the `Messenger` of the public surface. */
  connect(address: string | readonly string[], options: ConnectOptions = {}): Connection {
    this.#mustRun('connect()')
    checkConnectOptions(options)
    return this.#parts.connector.connect(address, options)
  }

  /** Appends a dispatcher to the chain; the function that is returned removes it. */
  use(dispatcher: Dispatcher): Remover {
    return this.#parts.shared.dispatchers.use(dispatcher)
  }

  /** Handles a typed message; the function that is returned removes the handler. One handler per type. */
  on<Body, Input>(definition: MessageType<Body, Input>, handler: TypedHandler<Body>): Remover {
    return this.#parts.shared.dispatchers.on(definition, handler)
  }

  /**
   * Adds a layer that rides on sessions, with messages of its own; the function that is returned removes it. It is told of
   * the sessions that are open already.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` for what is no service, a number that another has, or more than 64 of them.
   */
  useService(service: Service): Remover {
    const open = this.#parts.table.members().filter(({ session }) => session.openLink >= 0)
    return this.#parts.shared.services.use(
      service,
      open.map(({ host }) => host),
    )
  }

  /**
   * A stamp of this moment by the hybrid logical clock: above every one made here before, and above that of every message
   * received, whatever wall clocks do. Every message on a link is stamped by the same clock; see `message.stamp`.
   */
  now(): Stamp {
    return this.#parts.shared.stamps.now()
  }

  /** What does calls: plugged in by the `Messenger` of the public surface. @internal */
  protected callLayer(): CallLayer<Connection> {
    throw new InkwireError('INK_BAD_ARGUMENT', `${this.name} does no calls: make it with the Messenger of 'inkwire'`)
  }

  /** What a layer that is plugged in gets of this messenger, beside what anybody may use. @internal */
  protected get seam(): LayerSeam {
    const { limits, runtime } = this.#parts.shared
    return {
      limits,
      clock: runtime.clock,
      random: runtime.random,
      report: this.#streams.report,
      shows: (name, dump) => void this.#layers.set(name, dump),
    }
  }

  /**
   * Follows a peer, or all of a type, from appear to disappear, in step with the other end; see docs/ENDPOINTS.md.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` for what is no target, or one that has an endpoint already; `INK_CLOSED`.
   */
  endpoint(target: EndpointTarget, handlers: EndpointHandlers): Endpoint {
    this.#mustRun('endpoint()')
    return this.#parts.endpoints.open(target, handlers)
  }

  /** Everything worth knowing, as plain data for people. */
  dump(): MessengerDump {
    return {
      name: this.name,
      instance: this.instance,
      wire: this.#options.wire.name,
      addresses: this.addresses,
      halfOpenLinks: this.#parts.acceptor.size,
      goneInstances: this.#parts.table.goneCount,
      connections: this.#parts.table.members().map((driver) => driver.caller.dump()),
      layers: Object.fromEntries([...this.#layers].map(([name, dump]) => [name, dump()])),
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
    const isHandler = this.#parts.shared.dispatchers.calling !== null
    this.#stopped ??= this.#stop()
    return isHandler && this.#parts.shared.queue.handling > 0 ? waitsForItself('close()', this.#stopped) : this.#stopped
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
    await shutDown(this.#parts)
    this.#life = 'stopped'
    this.#streams.complete()
  }

  #mustRun(what: string): void {
    if (this.#life === 'running') return
    throw new InkwireError('INK_CLOSED', `${what}: the messenger ${this.name} is shut down`)
  }
}
