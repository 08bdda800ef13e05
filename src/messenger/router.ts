/**
 * Finds or makes the connection that an arriving link asks for, or tells its peer why there is none.
 *
 * Which session a proved name means is the endpoint's to say; whether there is room for another one, the quota's.
 */
import type { Policy } from '../policies/policy.ts'
import type { PolicySet } from '../policies/policy-set.ts'
import type { Endpoint } from '../session/endpoint/endpoint.ts'
import type { Counted } from '../session/endpoint/register.ts'
import type { Identity, SessionOffer } from '../wire/wire.ts'
import { Driver } from './driver.ts'
import type { LinkPort } from './link-port.ts'
import { accountOf } from './name-quota.ts'
import type { Shared } from './shared.ts'

/** The messenger that is asked. */
export interface Asked {
  readonly name: string
  readonly instance: string
  readonly policies: PolicySet
  readonly isRunning: () => boolean
}

export class Router {
  readonly #shared: Shared
  readonly #table: Endpoint<Driver>
  readonly #self: Asked

  constructor(shared: Shared, table: Endpoint<Driver>, self: Asked) {
    this.#shared = shared
    this.#table = table
    this.#self = self
  }

  /** Finds or makes the connection that an arriving link asks for. */
  route(port: LinkPort, peer: Identity, offer: SessionOffer): void {
    const { quota, wire } = this.#shared
    const table = this.#table
    const [type = ''] = peer.name.split('.')
    const policy = this.#self.policies.find(type)
    // A protocol with an arbitration of its own knows its repeats itself.
    const late = wire.arbitrate === undefined && !table.offered(peer.name, offer.fresh)
    const refuse = (
      code: 'INK_SELF_CONNECT' | 'INK_REFUSED' | 'INK_RESET' | 'INK_POLICY_MISMATCH',
      reason: string,
    ): void => {
      port.wire.reject(code, reason)
      port.close()
      this.#shared.refusals.tell(port, `${peer.name}: ${reason}`)
    }
    if (peer.instance === this.#self.instance && peer.name === this.#self.name) {
      refuse('INK_SELF_CONNECT', 'this is the same messenger: use messenger.loopback')
    } else if (policy === undefined) {
      refuse('INK_POLICY_MISMATCH', this.#self.policies.explainMissing(type))
    } else {
      const existing = policy.kind === 'lossy' ? undefined : table.meant(peer, offer.channel, countedBy(offer))
      const full = quota.refusal(peer, table.size)
      if (late) refuse('INK_REFUSED', 'a late copy of an offer that was made before')
      else if (existing !== undefined) existing.take(port, peer, offer)
      else if (countedBy(offer) === 'ours') refuse('INK_RESET', 'this connection was ours, and is over')
      else if (!this.#self.isRunning()) refuse('INK_REFUSED', 'the messenger is shutting down')
      else if (full !== null) refuse('INK_REFUSED', full)
      else this.#admit(policy, port, peer, offer)
    }
  }

  #admit(policy: Policy, port: LinkPort, peer: Identity, offer: SessionOffer): void {
    const addresses = this.#shared.redials.targets(peer, port.link)
    const account = accountOf(peer)
    this.#shared.quota.entered(account)
    const driver = new Driver(this.#shared, {
      policy,
      role: 'responder',
      channel: offer.channel,
      addresses,
      expectType: null,
      expectName: null,
      account,
    })
    this.#table.add(driver)
    if (policy.kind !== 'lossy') this.#table.claim(driver, peer)
    driver.take(port, peer, offer)
  }
}

/** Which side counted the channel of a link that arrived, seen from here. */
function countedBy({ counted }: SessionOffer): Counted | null {
  return counted === undefined ? null : counted === 'dialler' ? 'theirs' : 'ours'
}
