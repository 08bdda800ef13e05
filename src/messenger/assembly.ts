/**
 * The parts of one messenger, put together: what all connections share, where links come from and where they go, and who is
 * told. What an application may do with them is messenger.ts's.
 */
import { HeldBudget } from '../policies/held-budget.ts'
import type { Policy } from '../policies/policy.ts'
import { Endpoint } from '../session/endpoint/endpoint.ts'
import type { Outlet } from '../streams/broadcast.ts'
import type { InboundMessage } from '../wire/message.ts'
import { OutBuffer } from '../wire/out-buffer.ts'
import type { Identity, WireContext } from '../wire/wire.ts'
import { Acceptor } from './acceptor.ts'
import { AddressResolver } from './address-resolver.ts'
import { AddressNews } from './address-news.ts'
import { Alarms } from './alarm.ts'
import { BodyMemory } from './body-memory.ts'
import { BoundAddresses } from './bound-addresses.ts'
import { Connector } from './connector.ts'
import { DispatchQueue } from './dispatch-queue.ts'
import { Dispatchers } from './dispatchers.ts'
import type { Driver } from './driver.ts'
import { Endpoints } from './endpoints.ts'
import { Loopback } from './loopback.ts'
import { NameQuota } from './name-quota.ts'
import type { ResolvedOptions } from './options.ts'
import { PolicyBounds } from './policy-bounds.ts'
import { protocolService } from './protocol-service.ts'
import { Redials } from './redials.ts'
import { Refusals } from './refusals.ts'
import { Router } from './router.ts'
import { Services } from './services.ts'
import type { Shared } from './shared.ts'
import { beginStamps } from './stamps.ts'
import type { Warnings } from './warnings.ts'

/** What the messenger is to its parts. */
export interface Host extends Pick<Shared, 'calls' | 'report'> {
  readonly instance: string
  readonly messages: Outlet<InboundMessage>
  readonly warnings: Warnings
  isRunning(): boolean
}

export class Assembly {
  readonly shared: Shared
  readonly table: Endpoint<Driver>
  readonly endpoints: Endpoints
  readonly bound: BoundAddresses
  readonly acceptor: Acceptor
  readonly loopback: Loopback
  readonly connector: Connector
  /** Which links were made so far. */
  #links = 0
  readonly #news: AddressNews

  constructor(options: ResolvedOptions, host: Host) {
    const { name, type, limits, runtime, policies, wire } = options
    const { instance } = host
    const resolver = new AddressResolver(options.transports, wire.addresses)
    this.endpoints = new Endpoints({ instance, runtime, limits, report: host.report })
    this.#news = this.#addressNews(runtime)
    this.table = new Endpoint(limits.goneInstancesMax, provesNames(options))
    this.shared = this.#share(options, host, resolver)
    const { shared, table } = this
    const router = new Router(shared, table, { name, instance, policies, isRunning: () => host.isRunning() })
    this.acceptor = new Acceptor(shared, (port, peer, offer) => router.route(port, peer, offer))
    this.bound = new BoundAddresses({
      name,
      instance,
      resolver,
      notation: wire.addresses,
      accept: (link, local) => {
        this.acceptor.accept(link, local)
      },
      missed: (local, reason) => {
        shared.refusals.missed(local, reason)
      },
      changed: () => {
        this.#news.changed()
      },
    })
    const policy = policies.find(type) ?? policies.entries()[0]?.[1]
    this.loopback = new Loopback(shared, policy as Policy, { type, name, address: 'loopback', instance })
    const loopback = this.loopback.connection
    const isOwn = (address: string): boolean => this.bound.owns(address)
    this.connector = new Connector(shared, { table, policies, resolver, isOwn, loopback })
  }

  /** What all of its parts share. */
  #share(options: ResolvedOptions, host: Host, resolver: AddressResolver): Shared {
    const { runtime, limits, wire } = options
    const { clock } = runtime
    const { report, warnings } = host
    const stamps = beginStamps(options, warnings, report)
    const dispatchers = new Dispatchers(host.messages, report, () => stamps.now())
    const services = new Services(dispatchers, report, warnings)
    const own = protocolService(options, report)
    if (own !== null) services.use(own)
    services.use(this.endpoints)
    services.use(this.#news)
    const bounds = new PolicyBounds()
    const bodies = new BodyMemory()
    return {
      runtime,
      alarms: new Alarms(clock),
      limits,
      wire,
      services,
      calls: () => host.calls(),
      self: () => this.bound.entity,
      out: new OutBuffer(),
      stamps,
      bodies,
      dispatchers,
      queue: new DispatchQueue(services, clock, limits.dispatchTurnMs),
      table: this.table,
      context: this.#contextOf(options, host, bodies),
      report,
      refusals: new Refusals(clock, limits.refusalsToldMax, report),
      dial: (text) => resolver.dial(text),
      addressesOf: (text) => resolver.addressesOf(text),
      pathSchemes: options.paths,
      textOf: (address) => resolver.locate(address).text,
      redials: new Redials((text) => resolver.locate(text), options.redial, limits, clock),
      quota: new NameQuota(limits),
      held: new HeldBudget(limits.heldBytesMax, limits.heldBytesPerNameMax),
      heldOf: (policy) => bounds.of(policy)?.held ?? null,
      nextLink: () => ++this.#links,
      throttleOf: (policy) => bounds.of(policy)?.throttle ?? null,
    }
  }

  #addressNews({ clock }: ResolvedOptions['runtime']): AddressNews {
    return new AddressNews({
      told: () => this.bound.told,
      hasLinks: () => this.#links > 0,
      later: (run) => {
        clock.later(run)
      },
    })
  }

  /** What links are told of us. One closure for all of them: one of its own would live as long as the link. */
  #contextOf({ name, auth, limits, runtime }: ResolvedOptions, host: Host, bodies: BodyMemory): () => WireContext {
    const randomBytes = (count: number): Uint8Array => runtime.random.bytes(count)
    const allocate = (bytes: number): Uint8Array => bodies.take(bytes)
    const peersOf = (session: string): readonly Identity[] => this.table.partners.all(session)
    let self: Identity | null = null
    return () => {
      const { told } = this.bound
      // Made anew when an address is bound.
      if (self?.addresses !== told) self = { name, instance: host.instance, addresses: told }
      return { self, auth, limits, randomBytes, allocate, peersOf }
    }
  }
}

/** Whether peers that dial have proved their names, to the protocol or to `auth`. */
function provesNames({ wire, auth, transports }: ResolvedOptions): boolean {
  if ([...transports.values()].every((transport) => transport.provesNames === true)) return true
  return wire.ownAuth === undefined ? auth.name !== 'none' : wire.provesNames === true
}
