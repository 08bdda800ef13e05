/**
 * Who is where, as several lookups tell it: the pure heart of discovery.
 *
 * Each lookup tells all that it sees, again and again, and what has changed is found out here. A peer is there while any lookup
 * sees it. Of several processes with one name the one that began last counts; what is seen without a process, as by DNS, adds its
 * addresses. So every change is told once, also when a lookup starts again, forgets, or says things twice.
 */

/** A peer, as it announces itself or somebody has written down. Nothing of it is proved. */
export interface PeerRecord {
  /** `osd.3`. */
  readonly name: string
  /** The process: 32 hexadecimal digits; null: whoever has the name. */
  readonly instance: string | null
  /** Wall time in ms since 1970 at which that began; 0: not known. */
  readonly sinceMs: number
  /** Where it can be dialled, best first. */
  readonly addresses: readonly string[]
}

export type Change =
  | { readonly type: 'found' | 'moved'; readonly record: PeerRecord }
  /** The last that was known of it. */
  | { readonly type: 'lost'; readonly record: PeerRecord }

/** What one peer may have, of all lookups. */
export const ADDRESSES_MAX = 16

export class Sightings {
  readonly #peersMax: number
  /** By lookup, then by name: each process of it once. */
  readonly #seen = new Map<number, ReadonlyMap<string, readonly PeerRecord[]>>()
  /** As it was told. */
  readonly #told = new Map<string, PeerRecord>()

  constructor(peersMax: number) {
    this.#peersMax = peersMax
  }

  get peers(): readonly PeerRecord[] {
    return [...this.#told.values()]
  }

  of(name: string): PeerRecord | undefined {
    return this.#told.get(name)
  }

  /** This is all that a lookup sees now. */
  replace(lookup: number, records: readonly PeerRecord[]): Change[] {
    const before = this.#seen.get(lookup)
    const now = new Map<string, readonly PeerRecord[]>()
    for (const record of records) {
      const others = (now.get(record.name) ?? []).filter(({ instance }) => instance !== record.instance)
      now.set(record.name, [...others, record])
    }
    this.#seen.set(lookup, now)
    const names = new Set([...(before?.keys() ?? []), ...now.keys()])
    return [...names].flatMap((name) => this.#compare(name) ?? [])
  }

  #compare(name: string): Change | null {
    const before = this.#told.get(name)
    const now = this.#merged(name)
    if (now === null) {
      if (before === undefined) return null
      this.#told.delete(name)
      return { type: 'lost', record: before }
    }
    if (before === undefined) {
      // One more than there is room for is not there; it is found when there is.
      if (this.#told.size >= this.#peersMax) return null
      this.#told.set(name, now)
      return { type: 'found', record: now }
    }
    if (isSame(before, now)) return null
    this.#told.set(name, now)
    return { type: 'moved', record: now }
  }

  /** All that is seen of one name; null: nothing. */
  #merged(name: string): PeerRecord | null {
    let best: PeerRecord | null = null
    const all: PeerRecord[] = []
    for (const seen of this.#seen.values()) {
      for (const record of seen.get(name) ?? []) {
        all.push(record)
        if (best === null || isNewer(record, best)) best = record
      }
    }
    if (best === null) return null
    const { instance, sinceMs } = best
    const fitting = all.filter((record) => record.instance === null || record.instance === instance)
    const addresses = [...new Set([best, ...fitting].flatMap((record) => record.addresses))].slice(0, ADDRESSES_MAX)
    return { name, instance, sinceMs, addresses }
  }
}

/** A total order, so that it does not matter who was heard first. */
function isNewer(one: PeerRecord, other: PeerRecord): boolean {
  if (one.sinceMs !== other.sinceMs) return one.sinceMs > other.sinceMs
  return (one.instance ?? '') > (other.instance ?? '')
}

function isSame(one: PeerRecord, other: PeerRecord): boolean {
  if (one.instance !== other.instance || one.addresses.length !== other.addresses.length) return false
  return one.addresses.every((address, index) => address === other.addresses[index])
}
