/**
 * What is told from one to the next of who is where: the pure heart of gossip.
 *
 * Each process counts its own beats, and whoever hears a higher count of it than before knows that it has lived since, by whatever
 * way it came. So clocks need not agree, and nothing old makes anybody live again: what stood still for a life (`ttlMs`) is dead, is
 * told to nobody, and its count is remembered for twenty lives. What a process says of itself counts before what others say of it.
 * Limits: `peersMax` processes are remembered, and of those beyond nothing is heard.
 */
import { ADDRESSES_MAX, type PeerRecord } from './sightings.ts'

export interface Rumour {
  readonly record: PeerRecord
  /** How often it has beaten. */
  readonly beat: number
}

interface Heard extends Rumour {
  /** By the clock of who hears. */
  readonly atMs: number
  /** Of itself, or through others. */
  readonly source: 'itself' | 'others'
}

/** A dead one is remembered for so many lives. */
const DEAD_TTLS = 20
/** What a process can have counted: one beat each 100 ms for a century. A count beyond it would never be outdone. */
export const BEAT_MAX = 2 ** 35

export class Rumours {
  readonly #ttlMs: number
  readonly #peersMax: number
  readonly #heard = new Map<string, Heard>()

  constructor(ttlMs: number, peersMax: number) {
    this.#ttlMs = ttlMs
    this.#peersMax = peersMax
  }

  /** `teller`: the proved name of who says it. */
  hear(rumours: readonly Rumour[], teller: string, nowMs: number): void {
    for (const rumour of rumours) this.#take(rumour, rumour.record.name === teller ? 'itself' : 'others', nowMs)
  }

  /** Processes of this name have said that they go. */
  gone(name: string, instance: string | null, nowMs: number): void {
    for (const [key, heard] of this.#heard) {
      const { record } = heard
      const isIt = record.name === name && (instance === null || record.instance === instance)
      if (isIt) this.#heard.set(key, { ...heard, atMs: Math.min(heard.atMs, nowMs - this.#ttlMs) })
    }
  }

  /** Of all that live what was heard last; those that have been dead for long are forgotten. */
  living(nowMs: number): readonly Rumour[] {
    const living: Rumour[] = []
    for (const [key, heard] of this.#heard) {
      const silentMs = nowMs - heard.atMs
      if (silentMs < this.#ttlMs) living.push(heard)
      else if (silentMs > DEAD_TTLS * this.#ttlMs) this.#heard.delete(key)
    }
    return living
  }

  #take({ record, beat }: Rumour, source: Heard['source'], nowMs: number): void {
    if (record.instance === null || beat > BEAT_MAX || record.addresses.length > ADDRESSES_MAX) return
    const key = `${record.name} ${record.instance}`
    const known = this.#heard.get(key)
    if (known === undefined && this.#heard.size >= this.#peersMax) return
    if (known !== undefined && beat <= known.beat) return
    const hasSpoken = known?.source === 'itself' && nowMs - known.atMs < this.#ttlMs
    // It lives, as others hear; where it is, it has said itself.
    if (hasSpoken && source === 'others') this.#heard.set(key, { ...known, beat, atMs: nowMs })
    else this.#heard.set(key, { record, beat, atMs: nowMs, source })
  }
}
