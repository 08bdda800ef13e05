/**
 * Finds or makes the connection that a call of `connect()` means; what the router does for links that arrive.
 *
 * Which session a wish means is the endpoint's to say. Limit: `limits.connectionsMax` connections.
 */
import { InkwireError } from '../common/errors.ts'
import { explainNoDial, mayDial } from '../policies/compatibility.ts'
import { samePolicy } from '../policies/policy.ts'
import type { PolicySet } from '../policies/policy-set.ts'
import type { Endpoint } from '../session/endpoint/endpoint.ts'
import type { Wish } from '../session/endpoint/member.ts'
import { PLACES_MAX } from '../session/routes/places.ts'
import { isWildcard } from '../transports/address.ts'
import type { AddressResolver } from './address-resolver.ts'
import type { Connection } from './connection.ts'
import { Driver } from './driver.ts'
import type { ConnectOptions } from './options.ts'
import type { Shared } from './shared.ts'

/** Where it looks. */
export interface Known {
  readonly table: Endpoint<Driver>
  readonly policies: PolicySet
  readonly resolver: Pick<AddressResolver, 'locate'>
  /** True for an address at which this messenger listens. */
  readonly isOwn: (address: string) => boolean
  readonly loopback: Connection
}

export class Connector {
  readonly #shared: Shared
  readonly #known: Known
  /** Anonymous connections that were made. */
  #channels = 0

  constructor(shared: Shared, known: Known) {
    this.#shared = shared
    this.#known = known
  }

  /** As Messenger.connect, with options that were checked. */
  connect(given: string | readonly string[], options: ConnectOptions): Connection {
    const { table, policies, isOwn, loopback } = this.#known
    const addresses = this.#all(given)
    if (addresses.some(isOwn)) return loopback
    const name = options.name ?? null
    const type = options.type ?? name?.split('.')[0] ?? null
    const policy = options.policy ?? policies.resolve(type ?? 'default')
    if (!mayDial(policy.kind)) throw new InkwireError('INK_BAD_OPTION', explainNoDial(policy, type ?? 'default'))
    const channel = options.anonymous === true ? ++this.#channels : 0
    const wish = { type, name, policy: options.policy ?? null, kind: policy.kind }
    const wanted = channel === 0 ? addresses.map((address) => table.wanted(address, wish)) : []
    const existing = wanted.find((driver) => driver !== undefined)
    const paths = (options.paths ?? []).map((one) => this.#locate(one))
    if (existing !== undefined) return connectAgain(existing, wish, addresses, paths)
    this.#checkRoom()
    const peer = { expectType: type, expectName: name, addresses }
    const driver = new Driver(this.#shared, { policy, role: 'initiator', channel, ...peer, paths })
    table.add(driver, addresses)
    driver.connect()
    return driver.connection
  }

  /** One address, or several of the same peer. Throws `INK_BAD_ADDRESS`. */
  #all(given: string | readonly string[]): readonly string[] {
    if (!Array.isArray(given)) return [this.#locate(given as string)]
    const addresses = [...new Set(given.map((one: string) => this.#locate(one)))]
    if (addresses.length > 0 && addresses.length <= PLACES_MAX) return addresses
    const text = `connect() takes one address or up to ${PLACES_MAX} of the same peer, not ${addresses.length}`
    throw new InkwireError('INK_BAD_ADDRESS', text)
  }

  #locate(address: string): string {
    const { address: target, text } = this.#known.resolver.locate(address)
    if (isWildcard(target))
      throw new InkwireError('INK_BAD_ADDRESS', `${text} is every address of a host: name one that the peer listens on`)
    if (/:0(?:\/\d+)?$/.test(text))
      throw new InkwireError('INK_BAD_ADDRESS', `${text} has no port: port 0 is only for bind()`)
    return text
  }

  #checkRoom(): void {
    const { size } = this.#known.table
    if (size < this.#shared.limits.connectionsMax) return
    const text = `there are ${size} connections, the limit: close some, or raise limits.connectionsMax`
    throw new InkwireError('INK_REFUSED', text)
  }
}

/** The caller gets the connection that there is, unless it wanted another kind. */
function connectAgain(
  driver: Driver,
  { policy, kind }: Wish,
  addresses: readonly string[],
  paths: readonly string[],
): Connection {
  if (driver.policy.kind !== kind || (policy !== null && !samePolicy(driver.policy, policy))) {
    const other = driver.policy.kind === kind ? `${kind} with other options` : driver.policy.kind
    throw new InkwireError(
      'INK_BAD_OPTION',
      `${addresses[0]} is connected already, as ${other}: close that connection first, or pass anonymous: true`,
    )
  }
  driver.connectAt(addresses)
  driver.paths.also(paths)
  return driver.connection
}
