/**
 * Every connection that lives, and the last of those that are over: what an observer looks at.
 *
 * Limit: `endedMax` that are over, for `endedMs`. Those that live are bounded by the messenger.
 */
import { InkwireError } from '../common/errors.ts'
import type { Connection, ConnectionEnd, MessengerEvent } from '../index.ts'
import type { Totals } from './totals.ts'
import { Watched, type Now, type PeerView } from './watched.ts'

/** What the roster needs of its observer. */
export interface RosterOwner {
  now(): Now
  /** A connection has another state. */
  onState(connection: Connection, watched: Watched, state: string): void
}

export class Roster {
  readonly #owner: RosterOwner
  readonly #totals: Totals
  readonly #keep: { readonly endedMax: number; readonly endedMs: number }
  readonly #living = new Map<Connection, Watched>()
  #ended: { readonly watched: Watched; readonly untilMs: number }[] = []
  #count = 0

  constructor(owner: RosterOwner, totals: Totals, keep: { readonly endedMax: number; readonly endedMs: number }) {
    this.#owner = owner
    this.#totals = totals
    this.#keep = keep
  }

  get living(): ReadonlyMap<Connection, Watched> {
    return this.#living
  }

  /** Those that live, then those that are over, the last one first. */
  get all(): readonly Watched[] {
    this.#forget()
    return [...this.#living.values(), ...this.#ended.map(({ watched }) => watched).reverse()]
  }

  /** Of an event, or seen in passing. Null: it is over, and known so. */
  watch(connection: Connection): Watched | null {
    const known = this.#living.get(connection)
    if (known !== undefined) return known
    if (connection.state === 'closed') return null
    const watched = new Watched(++this.#count, connection, this.#owner.now().nowMs)
    this.#living.set(connection, watched)
    connection.state$.subscribe((state) => {
      if (watched.became(state, this.#owner.now().nowMs)) this.#owner.onState(connection, watched, state)
    })
    void connection.closed.then((end) => {
      this.#end(connection, watched, end)
    })
    return watched
  }

  /**
   * By id (`#7` or `7`), by name or by address; those that live come first.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` when there is none such.
   */
  get(what: string, wanted: string): Watched {
    const id = /^#?(\d+)$/.exec(wanted)?.[1]
    const fits = ({ id: own, name, dump }: Watched): boolean =>
      id === undefined ? name === wanted || dump.peer.address === wanted : own === Number(id)
    const found = this.all.find(fits)
    if (found !== undefined) return found
    const known = new Set(this.all.map(({ name }) => name))
    const there = known.size === 0 ? 'there are none' : `there are ${[...known].slice(0, 20).join(', ')}`
    throw new InkwireError('INK_BAD_ARGUMENT', `${what}: no peer "${wanted.slice(0, 60)}" is known; ${there}`)
  }

  views(now: Now): PeerView[] {
    return [...this.#living.values()].map((watched) => watched.view(now))
  }

  /** Sums by peer, of those that are over and of those that live, as they are seen. */
  counters(living: readonly PeerView[]): ReturnType<Totals['all']> {
    return this.#totals.all(living.map(({ peer, dump }) => [peer, dump.counters] as const))
  }

  #end(connection: Connection, watched: Watched, end: ConnectionEnd): void {
    if (!this.#living.delete(connection)) return
    const now = this.#owner.now()
    const last = watched.end(end, now)
    this.#totals.ended(watched.name, last.counters)
    this.#ended.push({ watched, untilMs: now.nowMs + this.#keep.endedMs })
    this.#forget()
  }

  #forget(): void {
    const { nowMs } = this.#owner.now()
    const kept = this.#ended.filter(({ untilMs }) => untilMs > nowMs)
    this.#ended = kept.slice(Math.max(0, kept.length - this.#keep.endedMax))
  }
}

/** The connection that an event is of. */
export function connectionOf(event: MessengerEvent): Connection | null {
  return 'connection' in event ? event.connection : null
}
