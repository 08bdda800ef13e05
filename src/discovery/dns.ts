/** Peers by DNS, through a resolver that is given: SRV records of a service, or the addresses of hosts. It announces nothing. */
import { isIPv6 } from 'node:net'
import { badOption, methodsOption, numberOption, optionObject, whole } from '../common/options.ts'
import { atOnce } from '../common/user-code.ts'
import type { Lookup } from './lookup.ts'
import type { PeerRecord } from './machine/sightings.ts'
import { polling } from './polling.ts'
import { checkedRecord } from './record.ts'

/** What is asked; `new Resolver()` of `node:dns/promises` is one. Its timeouts are its own. */
export interface DnsResolver {
  /** As `dns.promises.resolveSrv`. */
  resolveSrv(name: string): Promise<readonly { name: string; port: number; priority: number; weight: number }[]>
  /** As `dns.promises.resolve4`. */
  resolve4(host: string): Promise<readonly string[]>
  /** As `dns.promises.resolve6`. */
  resolve6(host: string): Promise<readonly string[]>
}

/** Options of `dnsSrv()`. */
export interface DnsSrvOptions {
  /** `_osd._tcp.storage.example`. */
  readonly service: string
  /** Who is asked, such as `new Resolver()` of `node:dns/promises`. */
  readonly resolver: DnsResolver
  /**
   * The entity name of a target; null: it is no peer. Default: the first label, with its last `-` as the dot, so that
   * `osd-3.storage.example` is `osd.3`.
   */
  readonly nameOf?: ((target: string) => string | null) | undefined
  /** How often it is asked, in ms: 1000 to 3,600,000, default 30,000. */
  readonly everyMs?: number | undefined
}

/** Options of `dnsHosts()`. */
export interface DnsHostsOptions {
  /** By entity name: `{ 'mon.a': 'mon-a.storage.example:6789' }`. */
  readonly peers: Readonly<Record<string, string>>
  /** Who is asked, such as `new Resolver()` of `node:dns/promises`. */
  readonly resolver: DnsResolver
  /** How often the resolver is asked, in ms, 1,000 to 3,600,000; default 30,000. */
  readonly everyMs?: number | undefined
}

const METHODS = ['resolveSrv', 'resolve4', 'resolve6'] as const
const RESOLVER = "a resolver such as new Resolver() of 'node:dns/promises'"
const HOST = /^([^\s:/]{1,253}):(\d{1,5})$/
/** Answers that say that there is none. */
const NONE = ['ENOTFOUND', 'ENODATA']

/** Peers are the targets of SRV records, dialled at their host names. @throws InkwireError `INK_BAD_OPTION`. */
export function dnsSrv(options: DnsSrvOptions): Lookup {
  const given = optionObject('dnsSrv()', options, ['service', 'resolver', 'nameOf', 'everyMs'])
  const { service, nameOf = nameOfHost } = given
  if (typeof service !== 'string' || service === '') throw badOption("dnsSrv() takes a service: '_osd._tcp.example'")
  if (typeof nameOf !== 'function') throw badOption('dnsSrv(): nameOf is a function')
  const resolver = methodsOption('dnsSrv(): resolver', options.resolver, METHODS, RESOLVER)
  const named = nameOf as (target: string) => string | null
  return polled('dns-srv', given['everyMs'], async () => {
    const answers = await orNone(resolver.resolveSrv(service))
    // Of one peer the target of the lowest priority comes first.
    const sorted = [...answers].sort((one, other) => one.priority - other.priority || other.weight - one.weight)
    const byName = new Map<string, string[]>()
    for (const { name: target, port } of sorted) {
      const name = atOnce(named(target), 'nameOf()')
      if (name === null) continue
      const addresses = byName.get(name) ?? []
      byName.set(name, [...addresses, `tcp://${target}:${port}`])
    }
    return [...byName].map(([name, addresses]) => ({ name, addresses }))
  })
}

/** Peers that are written down, at all addresses that their hosts have now. @throws InkwireError `INK_BAD_OPTION`. */
export function dnsHosts(options: DnsHostsOptions): Lookup {
  const given = optionObject('dnsHosts()', options, ['peers', 'resolver', 'everyMs'])
  const resolver = methodsOption('dnsHosts(): resolver', options.resolver, METHODS, RESOLVER)
  const peers = Object.entries(optionObject('dnsHosts(): peers', given['peers'], 'any')).map(([name, place]) => {
    const [, host, port] = HOST.exec(typeof place === 'string' ? place : '') ?? []
    if (host === undefined) throw badOption(`dnsHosts(): ${name} is at a host and a port, such as 'mon-a.example:6789'`)
    return { name, host, port }
  })
  return polled('dns', given['everyMs'], () =>
    Promise.all(
      peers.map(async ({ name, host, port }) => {
        const found = await Promise.all([orNone(resolver.resolve4(host)), orNone(resolver.resolve6(host))])
        return { name, addresses: found.flat().map((ip) => `tcp://${isIPv6(ip) ? `[${ip}]` : ip}:${port}`) }
      }),
    ),
  )
}

function polled(name: string, every: unknown, ask: () => Promise<object[]>): Lookup {
  const everyMs = numberOption(`${name}: everyMs`, every, whole(1000, 3_600_000), 30_000)
  return {
    name,
    start: (world) =>
      polling(world, everyMs, async (signal) => {
        const records = (await ask()).map(checkedRecord).filter((record): record is PeerRecord => record !== null)
        if (!signal.aborted) world.seen(records)
      }),
  }
}

/** That there is none is an answer; that nobody answers is not. */
async function orNone<T>(answer: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await answer
  } catch (thrown) {
    if (NONE.includes((thrown as { code?: string }).code ?? '')) return []
    throw thrown
  }
}

function nameOfHost(target: string): string | null {
  const [, type, id] = /^([a-z][a-z0-9_-]*)-([A-Za-z0-9_]+)(?:\.|$)/.exec(target) ?? []
  return type === undefined ? null : `${type}.${id}`
}
