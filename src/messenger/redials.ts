/**
 * Where peers may send us: what an address means that a peer told, which of them are dialled, and how often.
 *
 * An address that a peer tells is a claim. Believed without a rule, it makes this host knock at any door that a peer likes,
 * and ask its resolver for any name. So host names are dropped (but for the name by which the transport itself knows the
 * other end, and on links within one host), a wildcard stands for where the link came from, and by default only that place
 * is dialled. What a caller gave to `connect()` is not meant here: that is dialled as it is. Limit: `redialsPerSecondMax`
 * dials of the whole messenger, and a quarter of them for one name.
 */
import { decides } from '../common/user-code.ts'
import { InkwireError } from '../common/errors.ts'
import { ipBytes, ipFamily } from '../common/ip.ts'
import { describe } from '../common/options.ts'
import { Rate } from '../policies/rate.ts'
import { formatAddress, isWildcard, parseAddress } from '../transports/address.ts'
import type { Address, Link } from '../transports/transport.ts'
import type { Identity } from '../wire/wire.ts'
import type { ResolvedAddress } from './address-resolver.ts'
import type { Clock } from './runtime.ts'

/** A place that a peer names as its own. */
export interface RedialTarget {
  /** The whole address, such as `tcp://10.0.0.7:6800`. */
  readonly address: string
  /** Its host: an IP literal, the name of a host that the transport itself knows, or the path or name of a socket. */
  readonly host: string
  /** 0 for what has none, as a Unix socket. */
  readonly port: number
  /** Who says so. */
  readonly name: string
  /** The host that its link came from. */
  readonly from: string
}

/**
 * Which addresses that peers tell may be dialled. Networks such as `10.0.0.0/8`: those, and wherever the link came from. A
 * function decides alone; one that throws has refused.
 */
export type Redial = readonly string[] | ((target: RedialTarget) => boolean)

/** The part of all such dials in a second that one name may have. */
const NAME_PART = 4

/** What a rule says. Only `true` is a yes: a promise of one is not. */
type Rule = (target: RedialTarget) => unknown

export class Redials {
  readonly #placeOf: (text: string) => ResolvedAddress
  readonly #rule: Rule
  readonly #rate: Rate
  readonly #perNameMax: number
  readonly #clock: Clock
  /** By name: dials in the second that this is. At most as many names as dials. */
  readonly #byName = new Map<string, number>()
  #second = -1

  /** `placeOf` throws for what is no address. */
  constructor(
    placeOf: (text: string) => ResolvedAddress,
    rule: Rule,
    limits: { redialsPerSecondMax: number },
    clock: Clock,
  ) {
    this.#placeOf = placeOf
    this.#rule = rule
    this.#rate = new Rate(limits.redialsPerSecondMax)
    this.#perNameMax = Math.ceil(limits.redialsPerSecondMax / NAME_PART)
    this.#clock = clock
  }

  /** The peer with what its addresses mean, seen from here; those that mean nothing are left out. */
  located(peer: Identity, link: Link): Identity {
    if (peer.addresses.length === 0) return peer
    const addresses = peer.addresses
      .map((told) => this.#locate(told, link))
      .filter((place) => place !== null)
      .map(({ text }) => text)
    return { ...peer, addresses }
  }

  /** All places that this peer names and that may be dialled, in its order. */
  targets(peer: Identity, link: Link): string[] {
    // Most who dial listen nowhere: where they came from need not be known then.
    if (peer.addresses.length === 0) return []
    const from = hostOf(link)
    return peer.addresses.flatMap((told) => {
      const place = this.#locate(told, link)
      return place !== null && this.#allows(place, peer.name, from, link) ? [place.text] : []
    })
  }

  /** Counts a dial to where this name says that it is. False: there were too many in this second, of all or for that name. */
  take(name: string): boolean {
    const nowMs = this.#clock.nowMs()
    const second = Math.floor(nowMs / 1000)
    if (second !== this.#second) this.#byName.clear()
    this.#second = second
    const before = this.#byName.get(name) ?? 0
    if (before >= this.#perNameMax || !this.#rate.take(nowMs)) return false
    this.#byName.set(name, before + 1)
    return true
  }

  #locate(told: string, link: Link): { readonly text: string; readonly address: Address } | null {
    let place: ResolvedAddress
    try {
      place = this.#placeOf(told)
    } catch {
      // No transport of ours serves it, or it is no address at all.
      return null
    }
    const { address } = place
    if (isWildcard(address)) {
      const from = hostOf(link)
      if (ipFamily(from) === 0) return null
      const meant = { ...address, host: from }
      return { text: formatAddress(meant), address: meant }
    }
    // A host name has a port; paths, and names within a process, are asked of no resolver.
    const isName = ipFamily(address.host) === 0 && address.port !== 0
    return isName && !link.capabilities.local && address.host !== hostOf(link) ? null : place
  }

  #allows(place: { text: string; address: Address }, name: string, from: string, link: Link): boolean {
    const { text, address } = place
    if (link.capabilities.local) return true
    return decides(() => this.#rule({ address: text, host: address.host, port: address.port, name, from }))
  }
}

/** The rule that an option stands for. Throws `INK_BAD_OPTION`. */
export function redialRule(given: Redial | undefined): (target: RedialTarget) => boolean {
  if (typeof given === 'function') return given
  const networks = given ?? []
  if (!Array.isArray(networks)) throw badRule(given)
  const tests = networks.map(networkTest)
  return ({ host, port, from }) =>
    host === from || (port === 0 && isSocket(host) && isLoopback(from)) || tests.some((test) => test(host))
}

/** The path or the abstract name of a Unix socket. */
function isSocket(host: string): boolean {
  return host.startsWith('/') || host.startsWith('@')
}

/** Whoever comes by the loopback interface is on this host, and so are its sockets. */
function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.')
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
function networkTest(text: unknown): (host: string) => boolean {
  const [, literal = '', length] = (typeof text === 'string' ? /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) : null) ?? []
  const family = ipFamily(literal)
  const bitsMax = family === 4 ? 32 : 128
  const bits = length === undefined ? bitsMax : Number(length)
  if (family === 0 || bits > bitsMax) throw badRule(text)
  const wanted = ipBytes(literal)
  const fixed = bits + 128 - bitsMax
  return (host) => ipFamily(host) === family && sharesBits(ipBytes(host), wanted, fixed)
}

function sharesBits(a: readonly number[], b: readonly number[], bits: number): boolean {
  return a.every((byte, index) => {
    const left = Math.min(8, Math.max(0, bits - index * 8))
    return ((byte ^ b[index]!) & (0xff00 >> left)) === 0
  })
}

function badRule(given: unknown): InkwireError {
  return new InkwireError(
    'INK_BAD_OPTION',
    `redial must be networks such as ['10.0.0.0/8', 'fd00::/8'], or a function of a target, not ${describe(given)}`,
  )
}

/** The host at the other end; '' when the transport does not know it. */
function hostOf(link: Link): string {
  try {
    return parseAddress(link.remoteAddress).host
  } catch {
    return ''
  }
}
