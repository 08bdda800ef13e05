/**
 * Members of others that go from one process to another: their places are kept, and what is said to them.
 *
 * Who goes asks each to hold what it has for it (PART), and hears that it does (HELD), behind the last word. Then it says that it
 * is gone (MOVED), and whoever comes with its id, under the name that the handshake proves, is that member: no view changes. It has
 * so long as it said; then it counts as dead.
 */
import type { Clock } from '../index.ts'
import type { PeerLink, RemoteSeat } from './peer-link.ts'
import type { Roster } from './roster.ts'
import { KIND, type SeatInfo } from './service-words.ts'

interface Transit {
  readonly remote: RemoteSeat
  readonly timer: unknown
}

export class Transits {
  readonly #roster: Roster
  readonly #clock: Clock
  /** By member: between two processes. */
  readonly #underWay = new Map<string, Transit>()
  /** Those that hold, and how long they may take. */
  readonly #parting = new Map<RemoteSeat, number>()

  constructor(roster: Roster, clock: Clock) {
    this.#roster = roster
    this.#clock = clock
  }

  /** It is about to go. */
  part(link: PeerLink, seat: number, holdMs: number): void {
    const remote = link.remotes.get(seat)
    if (remote === undefined) return
    remote.hold()
    this.#parting.set(remote, holdMs)
    link.aboutSeat(KIND.HELD, seat)
  }

  /** It stays after all. */
  stay(link: PeerLink, seat: number): void {
    const remote = link.remotes.get(seat)
    if (remote === undefined || !this.#parting.delete(remote)) return
    remote.release()
  }

  /** It is gone from there, and will be elsewhere. */
  moved(link: PeerLink, seat: number): void {
    const remote = link.remotes.get(seat)
    const holdMs = remote === undefined ? undefined : this.#parting.get(remote)
    if (remote === undefined || holdMs === undefined) return
    this.#parting.delete(remote)
    link.remotes.delete(seat)
    const { id } = remote.info
    this.#forget(id)
    const timer = this.#clock.setTimer(() => this.#expired(id), holdMs)
    this.#underWay.set(id, { remote, timer })
  }

  /** Its link is lost: whoever was about to go from there is not awaited. */
  lost(remote: RemoteSeat): void {
    this.#parting.delete(remote)
  }

  /** Somebody has come with this id. The member that goes on there; null: none is awaited. */
  arrived(info: SeatInfo, link: PeerLink): RemoteSeat | null {
    const remote = this.#underWay.get(info.id)?.remote ?? this.#early(info, link)
    if (remote === null || remote.info.config !== info.config) return null
    this.#forget(info.id)
    remote.rebind(info, link)
    return remote
  }

  /** It is there before the word that it is gone. */
  #early({ id }: SeatInfo, link: PeerLink): RemoteSeat | null {
    for (const remote of this.#parting.keys()) {
      if (remote.info.id !== id || remote.link === link) continue
      this.#parting.delete(remote)
      remote.link.remotes.delete(remote.info.seat)
      return remote
    }
    return null
  }

  #expired(id: string): void {
    const transit = this.#underWay.get(id)
    if (transit === undefined) return
    this.#underWay.delete(id)
    for (const { seat } of this.#roster.of(transit.remote)) seat.down(id, transit.remote, 'process-down')
  }

  #forget(id: string): void {
    const transit = this.#underWay.get(id)
    if (transit !== undefined) this.#clock.clearTimer(transit.timer)
    this.#underWay.delete(id)
  }

  /** Nobody here waits any more. */
  stop(): void {
    for (const id of [...this.#underWay.keys()]) this.#forget(id)
  }
}
