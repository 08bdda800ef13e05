/**
 * Where one connection dials: what its caller said, or what its peer said when it came.
 *
 * What a caller said is dialled for as long as the policy wants; two addresses in turn, when a caller names the same peer at
 * another one. What a peer said has an end: after `redialTriesMax` dials that led nowhere it is not dialled any more, until
 * the peer comes by itself; and it shares a rate with all others of the messenger (redials.ts).
 *
 * How often the next dial is due is for the peer to bring about, by yielding, by saying goodbye, or by cutting links that
 * were of some use. So there is a bound beside all of that, `dialsPerSecondMax`: a dial above it has failed without a link,
 * and is tried again after the backoff, which grows until a link is of use.
 */
import { asError } from '../common/errors.ts'
import { Rate } from '../policies/rate.ts'
import type { Link } from '../transports/transport.ts'
import type { Identity } from '../wire/wire.ts'
import type { LinkPort } from './link-port.ts'
import { accountOf } from './name-quota.ts'
import type { Shared } from './shared.ts'

export class DialTarget {
  readonly #shared: Shared
  #address: string | null
  #source: 'caller' | 'peer'
  /** Under which name its dials count; '' before anybody has proved one. */
  #account: string
  /** Where a caller said that the peer is as well: for the next dial after one that failed. */
  #other: string | null = null
  /** Dials since a link of this peer carried a session. */
  #tries = 0
  readonly #rate: Rate

  constructor(shared: Shared, address: string | null, source: 'caller' | 'peer', account = '') {
    this.#shared = shared
    this.#address = address
    this.#source = source
    this.#account = account
    this.#rate = new Rate(shared.limits.dialsPerSecondMax)
  }

  /** Null until the peer has said where it can be dialled. */
  get address(): string | null {
    return this.#address
  }

  /** Whether a dial makes sense. */
  get isOpen(): boolean {
    return this.#address !== null && (this.#source === 'caller' || this.#tries < this.#shared.limits.redialTriesMax)
  }

  /** A caller says that the peer is here: the next dial goes there, or one after it, when there is a link. */
  also(address: string, isLinked: boolean): void {
    if (isLinked) {
      if (address !== this.#address) this.#other = address
      return
    }
    if (address !== this.#address && this.#source === 'caller') this.#other = this.#address
    this.#address = address
    this.#source = 'caller'
  }

  /** A link to the peer, or why there is none. `failures`: how many dials in a row came to nothing. */
  dial(failures = 0): Link | string {
    const { redials, limits, runtime } = this.#shared
    if (failures > 0 && this.#other !== null) {
      const before = this.#source === 'caller' ? this.#address : null
      this.#address = this.#other
      this.#other = before
      this.#source = 'caller'
    }
    if (this.#address === null) return 'the peer has not said where it can be dialled'
    if (!this.#rate.take(runtime.clock.nowMs()))
      return `${this.#address} was dialled ${limits.dialsPerSecondMax} times within a second: the next dial waits`
    if (this.#source === 'peer') {
      if (!this.isOpen) return `dials to ${this.#address}, where the peer said that it is, led nowhere`
      if (!redials.take(this.#account)) return 'too many dials in this second to where peers say that they are'
      this.#tries++
    }
    try {
      return this.#shared.dial(this.#address)
    } catch (thrown) {
      return asError(thrown).message
    }
  }

  /** A link of the peer carries the session: one that we dialled is where we found it, one that came may have moved. */
  met(peer: Identity, port: LinkPort): void {
    this.#tries = 0
    this.#account = accountOf(peer)
    if (port.role === 'dialler') {
      // Where it was found, there it is. Where the session was before it went there, the peer is as well.
      const hasMoved = port.target !== null && port.target !== this.#address
      this.#other = hasMoved ? this.#address : null
      this.#address = port.target ?? this.#address
      return
    }
    if (peer.addresses.includes(this.#address ?? '')) return
    const target = this.#shared.redials.target(peer, port.link)
    if (target === null && this.#source === 'caller') return
    this.#address = target
    this.#source = 'peer'
  }
}
