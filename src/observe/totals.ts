/**
 * Sums that outlive connections: what each peer's connections have counted, and how many events of each type there were.
 *
 * Limit: 256 peers by name; all others are one, called `(others)`, so that clients with random names cannot make a scrape grow.
 */
import type { ConnectionCounters } from '../index.ts'

/** The sums of what connections have counted; also of those that are over. */
export type Counters = { -readonly [Name in keyof ConnectionCounters]: number }

export const OTHERS = '(others)'
const PEERS_MAX = 256

export class Totals {
  readonly events = new Map<string, number>()
  /** Of connections that are over. */
  readonly #ended = new Map<string, Counters>()
  readonly #names = new Set<string>()

  event(type: string): void {
    this.events.set(type, (this.events.get(type) ?? 0) + 1)
  }

  /** The name under which a peer is counted. */
  label(peer: string): string {
    if (this.#names.has(peer)) return peer
    if (this.#names.size >= PEERS_MAX) return OTHERS
    this.#names.add(peer)
    return peer
  }

  ended(peer: string, counters: ConnectionCounters): void {
    add(this.#ended, this.label(peer), counters)
  }

  /** By peer, with those of connections that live. */
  all(living: Iterable<readonly [peer: string, counters: ConnectionCounters]>): Map<string, Counters> {
    const sums = new Map([...this.#ended].map(([peer, counters]) => [peer, { ...counters }]))
    for (const [peer, counters] of living) add(sums, this.label(peer), counters)
    return sums
  }
}

function add(sums: Map<string, Counters>, peer: string, counters: ConnectionCounters): void {
  const sum = sums.get(peer)
  if (sum === undefined) {
    sums.set(peer, { ...counters })
    return
  }
  for (const name of Object.keys(counters) as (keyof Counters)[]) sum[name] += counters[name]
}
