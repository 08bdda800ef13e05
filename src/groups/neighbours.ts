/**
 * The peers of a messenger that take part in groups: who sits there, who of them is to be heard from, and what is lost with each.
 *
 * Who shares a group with a peer learns it from its HELLO, and from then on the two machines are up for each other; a session that is
 * lost, or silent for too long, makes them down.
 */
import type { Clock, Connection, Policy, ServiceSession } from '../index.ts'
import { keyText } from './key.ts'
import { Detector } from './machine/detector.ts'
import { GROUPS } from './machine/limits.ts'
import { PeerLink, RemoteSeat, SEATS_MAX } from './peer-link.ts'
import type { Joined, Roster } from './roster.ts'
import type { SeatInfo } from './service-words.ts'
import type { LeftReason } from './terms.ts'
import type { Transits } from './transits.ts'
import { whySilent } from './why-silent.ts'

/** Beats, probes and deadlines go by it. */
export const TICK_MS = 100
/** Whatever the gaps were so far. */
const SUSPECT_BY_MS = 60_000

export class Neighbours {
  readonly #roster: Roster
  readonly #transits: Transits
  readonly #clock: Clock
  readonly #links = new Map<Connection, PeerLink>()
  #detector: Detector<PeerLink> | null = null
  /** Policies under which no words come: it is said once of each. */
  readonly #narrow = new WeakSet<Policy>()

  constructor(roster: Roster, transits: Transits, clock: Clock) {
    this.#roster = roster
    this.#transits = transits
    this.#clock = clock
  }

  get links(): Iterable<PeerLink> {
    return this.#links.values()
  }

  linkOf(connection: Connection): PeerLink | undefined {
    return this.#links.get(connection)
  }

  /** The member with this id, in whatever process. */
  byId(id: string): RemoteSeat | undefined {
    for (const { remotes } of this.#links.values()) {
      const remote = [...remotes.values()].find(({ info }) => info.id === id)
      if (remote !== undefined) return remote
    }
    return undefined
  }

  adopted(session: ServiceSession, isResumed: boolean): void {
    const known = this.#links.get(session.connection)
    if (!session.marks || (isResumed && known !== undefined) || this.#isNarrow(session.connection.policy)) return
    if (known !== undefined) {
      known.lost()
      this.#lost(known, 'process-down')
    }
    const link = new PeerLink(session, (full) => this.#full(full))
    this.#links.set(session.connection, link)
    link.hello(this.#roster.all.map(({ seat }) => seat.info))
  }

  /** Words that are larger than the window would cut the way again and again: who has such a one does not introduce itself. */
  #isNarrow(policy: Policy): boolean {
    const { window, replay } = policy
    const [what, bytes] = window.bytes <= replay.bytes ? ['window', window.bytes] : ['replay', replay.bytes]
    if (bytes >= GROUPS.wordBytesMax) return false
    if (!this.#narrow.has(policy)) {
      const text = `groups: a ${what} of ${bytes} bytes is below ${GROUPS.wordBytesMax}; members over ${policy.kind}() do not meet`
      process.emitWarning(text, 'InkwireWarning')
    }
    this.#narrow.add(policy)
    return true
  }

  /** The link that was lost with its session. */
  dropped(session: ServiceSession): PeerLink | undefined {
    const link = this.#links.get(session.connection)
    if (link === undefined) return undefined
    this.#links.delete(session.connection)
    this.#detector?.forget(link)
    link.lost()
    this.#lost(link, 'process-down')
    return link
  }

  /** A sign of life: whom it was suspected of, it is no more. */
  heard(link: PeerLink): void {
    if (this.#detector?.heard(link, this.#clock.nowMs()) === true) this.#trust(link)
  }

  /** Its members introduce themselves. Returns what is wrong with it. */
  meet(link: PeerLink, seats: readonly SeatInfo[]): string | null {
    const { name } = link.session.connection.peer
    const ids = new Set([...link.remotes.values()].map(({ info }) => info.id))
    for (const info of seats) {
      if (!info.id.startsWith(`${name}/`)) return 'a member in the name of another'
      if (ids.has(info.id)) return 'a member that has a seat'
      ids.add(info.id)
      if (this.#roster.byId(info.id) !== undefined) return 'a member that is in this process'
      if (link.remotes.size >= SEATS_MAX) return 'more members than a peer may have'
      if (link.remotes.has(info.seat)) return 'a seat that is taken'
      const remote = this.#transits.arrived(info, link) ?? new RemoteSeat(info, keyText(info.key), link)
      link.remotes.set(info.seat, remote)
      this.#up(remote)
    }
    this.watch(link)
    return null
  }

  part(link: PeerLink, seat: number): void {
    const remote = link.remotes.get(seat)
    if (remote === undefined) return
    link.remotes.delete(seat)
    this.#down(remote, 'leave')
    this.watch(link)
  }

  /** A member here is ready to meet the others. */
  introduce(joined: Joined): void {
    const { seat } = joined
    for (const link of this.#links.values()) {
      link.hello([seat.info])
      for (const remote of link.remotes.values()) {
        const isMet = this.#isHeard(link) && this.#roster.of(remote).includes(joined)
        if (isMet && !seat.knowsWay(remote.info.id)) seat.up(remote.info.id, remote)
      }
      this.watch(link)
    }
  }

  /** Whether its silence matters. */
  watch(link: PeerLink): void {
    const isShared = [...link.remotes.values()].some((remote) => this.#roster.of(remote).length > 0)
    if (isShared) this.#watching().watch(link, this.#clock.nowMs())
    else this.#detector?.forget(link)
  }

  tick(): void {
    for (const link of this.#links.values()) if (this.#detector?.isWatched(link) === true) link.beat()
    // A late tick says that we stood still: what came meanwhile is read first.
    for (const link of this.#detector?.tick(this.#clock.nowMs()) ?? []) {
      this.#lost(link, whySilent(link.session.connection))
    }
  }

  fault(peer: string, reason: string): void {
    this.byId(peer)?.link.session.fault(reason)
  }

  #trust(link: PeerLink): void {
    if (link.state === 'full') return
    for (const remote of link.remotes.values()) this.#up(remote)
  }

  #isHeard(link: PeerLink): boolean {
    return this.#detector?.isSuspected(link) !== true && link.state === 'open'
  }

  /** Of several ways to a member the first one is taken for as long as it lasts: words on two would overtake each other. */
  #up(remote: RemoteSeat): void {
    const { id } = remote.info
    for (const { seat } of this.#roster.of(remote)) if (!seat.knowsWay(id)) seat.up(id, remote)
  }

  /** This way is lost. If there is another connection with the same process, it goes on there, in a view to come. */
  #down(remote: RemoteSeat, reason: LeftReason): void {
    const { id } = remote.info
    for (const { seat } of this.#roster.of(remote)) seat.down(id, remote, reason)
    const { name } = remote.link.session.connection.peer
    for (const link of this.#links.values()) {
      if (link === remote.link || link.session.connection.peer.name !== name || !this.#isHeard(link)) continue
      for (const other of link.remotes.values()) if (other.info.id === id) this.#up(other)
    }
  }

  #lost(link: PeerLink, reason: LeftReason): void {
    for (const remote of link.remotes.values()) {
      if (reason === 'process-down') this.#transits.lost(remote)
      this.#down(remote, reason)
    }
  }

  /** The session takes nothing more: what was not sent cuts the ways; they open again when there is room. */
  #full(link: PeerLink): void {
    this.#clock.later(() => {
      if (this.#links.get(link.session.connection) !== link) return
      this.#lost(link, 'slow')
      const again = (): void => {
        link.state = 'open'
        if (this.#links.get(link.session.connection) === link) this.#trust(link)
      }
      link.session.connection.drained().then(again, () => undefined)
    })
  }

  #watching(): Detector<PeerLink> {
    const suspectAfterMs = Math.min(...this.#roster.all.map(({ options }) => options.suspectAfterMs))
    const times = { tickMs: TICK_MS, suspectAfterMs, suspectByMs: Math.max(SUSPECT_BY_MS, suspectAfterMs) }
    this.#detector ??= new Detector(times, this.#clock.nowMs())
    this.#detector.times = times
    return this.#detector
  }
}
