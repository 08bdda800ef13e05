/**
 * Where one connection dials: what its caller said, or what its peer said when it came.
 *
 * What a caller said is dialled for as long as the policy wants, and of several addresses each in its turn
 * (session/routes/places.ts). A host name is one of them, and as soon as a dial to it has failed, so is each address that it
 * stands for: whoever answers at the first may not be our peer. What a peer said has an end: after `redialTriesMax` dials that
 * led nowhere it is not dialled any more, until the peer comes by itself; and it shares a rate with all others of the
 * messenger (redials.ts). So it is with places of which a peer tells while its session is open, beside those of a caller.
 *
 * How often the next dial is due is for the peer to bring about, by yielding, by saying goodbye, or by cutting links that
 * were of some use. So there is a bound beside all of that, `dialsPerSecondMax`: a dial above it has failed without a link,
 * and is tried again after the backoff, which grows until a link is of use.
 */
import { asError } from '../common/errors.ts'
import { Rate } from '../policies/rate.ts'
import { Places } from '../session/routes/places.ts'
import type { Link } from '../transports/transport.ts'
import type { Identity } from '../wire/wire.ts'
import type { LinkPort } from './link-port.ts'
import { accountOf } from './name-quota.ts'
import type { Shared } from './shared.ts'

export class DialTarget {
  readonly #shared: Shared
  readonly #places: Places
  #source: 'caller' | 'peer'
  /** Under which name its dials count; '' before anybody has proved one. */
  #account: string
  /** Dials since a link of this peer carried a session. */
  #tries = 0
  /** Of dials; made for the first one: most connections that arrive dial nobody. */
  #rate: Rate | null = null
  /** Names that were asked for, at most as many as there were places; made for the first one. */
  #resolved: Set<string> | null = null

  constructor(shared: Shared, addresses: readonly string[], source: 'caller' | 'peer', account = '') {
    this.#shared = shared
    this.#places = new Places(addresses, source === 'peer')
    this.#source = source
    this.#account = account
  }

  /** Null until the peer has said where it can be dialled. */
  get address(): string | null {
    return this.#places.here
  }

  /** How many places are to be tried before one is tried again. */
  get size(): number {
    return this.#places.size
  }

  /** Whether a dial makes sense. */
  get isOpen(): boolean {
    return this.address !== null && (this.#source === 'caller' || this.#tries < this.#shared.limits.redialTriesMax)
  }

  /** A caller says that the peer is here: the next dial goes there, or one after it, when there is a link. */
  also(addresses: readonly string[], isLinked: boolean): void {
    const places = this.#places
    const { here } = places
    const isKnown = this.#source === 'caller' && addresses.every((address) => places.has(address))
    // What a peer said of itself is worth less than a caller's word.
    const stays = here !== null && this.#source === 'caller' ? [here] : []
    if (!isKnown) places.name(isLinked ? [...stays, ...addresses] : [...addresses, ...stays])
    if (!isLinked) places.goTo(addresses[0] as string)
    this.#source = 'caller'
  }

  /** A link to the peer, or why there is none. `failures`: how many dials in a row came to nothing. */
  dial(failures = 0): Link | string {
    const { redials, limits, runtime } = this.#shared
    if (failures > 0) this.#places.failed()
    if (this.#source === 'caller' && this.#tries >= limits.redialTriesMax) this.#places.forgetTold()
    const { address } = this
    if (address === null) return 'the peer has not said where it can be dialled'
    this.#rate ??= new Rate(limits.dialsPerSecondMax)
    if (!this.#rate.take(runtime.clock.nowMs()))
      return `${address} was dialled ${limits.dialsPerSecondMax} times within a second: the next dial waits`
    if (this.#source === 'peer' || this.#places.isTold) {
      if (!this.isOpen) return `dials to ${address}, where the peer said that it is, led nowhere`
      if (!redials.take(this.#account)) return 'too many dials in this second to where peers say that they are'
      this.#tries++
    }
    try {
      return this.#shared.dial(address)
    } catch (thrown) {
      return asError(thrown).message
    }
  }

  /** True when a dial that comes to nothing is the first one of which a caller must hear: there is no other place to try. */
  get isNews(): boolean {
    return this.#places.isLast
  }

  /** A link that was dialled is lost. */
  lost({ target }: LinkPort): void {
    if (target !== null && this.#places.has(target)) this.#resolve(target)
  }

  /** Whoever answers here refuses us for good. True: there are other places, or there may be. */
  refused(): boolean {
    const { address } = this
    const isUnknown = address !== null && this.#resolved?.has(address) !== true && this.#resolve(address)
    return isUnknown || this.#places.refused()
  }

  /** Asks for all that a host name stands for; false: it is none. */
  #resolve(name: string): boolean {
    const addresses = this.#shared.addressesOf(name)
    if (addresses === undefined) return false
    const resolved = (this.#resolved ??= new Set())
    const done = (found: readonly string[]): void => {
      resolved.add(name)
      this.#places.resolved(name, found)
    }
    addresses.then(done, () => void resolved.add(name))
    return true
  }

  /** A link of the peer carries the session: one that we dialled is where we found it, one that came may have moved. */
  met(peer: Identity, port: LinkPort): void {
    this.#tries = 0
    this.#account = accountOf(peer)
    const places = this.#places
    if (port.role === 'dialler') {
      // Where it was found, there it is. Where the session was before it went there, the peer is as well.
      places.found(port.target)
      return
    }
    places.found(null)
    if (peer.addresses.some((address) => places.has(address))) return
    const targets = this.#shared.redials.targets(peer, port.link)
    if (targets.length === 0 && this.#source === 'caller') return
    places.name(targets, true)
    this.#source = 'peer'
  }

  /** The peer of an open session says where it is now, and that it is no more where it has `left`. */
  relocated({ peer, link }: LinkPort, left: readonly string[]): void {
    if (peer !== null) this.#places.told(this.#shared.redials.targets(peer, link), left)
  }
}
