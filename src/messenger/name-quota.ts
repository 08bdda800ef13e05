/**
 * How many sessions one name may make a messenger keep, so that no name takes the places of all others.
 *
 * Only sessions that peers asked for count: what callers dial is their own affair. A proved name has at most
 * `connectionsPerNameMax` of them, whatever it calls its channels. The last eighth of `connectionsMax` is for names that
 * have sent or taken a message before, so that a flood of new names does not keep out those that belong here. A name that
 * many bear (`client.?`, or the key of many Ceph clients) has half of all places. Limit: `goneInstancesMax` names are
 * remembered.
 */
import { isUnique } from '../session/endpoint/member.ts'
import type { Identity } from '../wire/wire.ts'

export interface QuotaLimits {
  readonly connectionsMax: number
  readonly connectionsPerNameMax: number
  /** Names that are remembered. */
  readonly goneInstancesMax: number
}

/** The part of `connectionsMax` that is kept for names that were here before. */
const RESERVED_PART = 8
/** The part of it that a name may have which many bear. */
const SHARED_PART = 2

export class NameQuota {
  readonly #limits: QuotaLimits
  readonly #counts = new Map<string, number>()
  /** Names that were of use, the one that was so longest ago first. */
  readonly #known = new Set<string>()

  constructor(limits: QuotaLimits) {
    this.#limits = limits
  }

  /** Why this peer gets no other session now, where there are `size` connections; null: it does. */
  refusal(peer: Identity, size: number): string | null {
    const { connectionsMax, connectionsPerNameMax } = this.#limits
    if (size >= connectionsMax) return 'too many connections; dial again later'
    const name = accountOf(peer)
    const most = isShared(peer) ? Math.ceil(connectionsMax / SHARED_PART) : connectionsPerNameMax
    if ((this.#counts.get(name) ?? 0) >= most)
      return `${name} has ${most} connections here, the limit; close some, or dial again later`
    const free = connectionsMax - size
    if (free > Math.floor(connectionsMax / RESERVED_PART) || this.#known.has(name)) return null
    return 'nearly too many connections: the last places are for peers that were here before; dial again later'
  }

  /** A session of this name begins. */
  entered(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  /** It is over; `useful`: it has carried something. */
  left(name: string, useful: boolean): void {
    if (useful) this.#remember(name)
    const count = this.#counts.get(name) ?? 0
    if (count > 1) this.#counts.set(name, count - 1)
    else this.#counts.delete(name)
  }

  #remember(name: string): void {
    this.#known.delete(name)
    this.#known.add(name)
    if (this.#known.size <= this.#limits.goneInstancesMax) return
    for (const oldest of this.#known) {
      this.#known.delete(oldest)
      return
    }
  }
}

/** Under which name a peer's sessions count: the one that it has proved. */
export function accountOf({ name, principal = null }: Identity): string {
  return principal ?? name
}

function isShared({ name, principal = null }: Identity): boolean {
  return !isUnique(name) || (principal !== null && principal !== name)
}
