/**
 * A member that leaves this process to go on in another: waits until it is at rest, has the others hold what they have for it, and
 * is then a ticket.
 *
 * At rest it has nothing under way, orders for nobody (another member is asked to), and its application has done with all that it
 * was told. The others hold from the moment at which they say so, so behind their last word nothing is missing. If the view changes
 * meanwhile, they are told that it stays, and it begins anew.
 */
import type { InkwireError } from '../common/errors.ts'
import type { Standstill } from './machine/standstill.ts'
import { RemoteSeat, type PeerLink } from './peer-link.ts'
import type { Seat } from './seat.ts'
import { KIND } from './service-words.ts'

/** The application of the member. */
export interface DepartureHost {
  /** All that it has published is told. */
  isTold(): boolean
  /** It has done with all that it was told, and gives its state to nobody. */
  isRead(): boolean
  /** It is gone from here. Returns its ticket. */
  leave(stand: Standstill): Uint8Array
}

export class Departure {
  readonly ticket: Promise<Uint8Array>
  readonly #seat: Seat
  readonly #host: DepartureHost
  readonly #holdMs: number
  readonly #asked = new Set<PeerLink>()
  readonly #held = new Set<PeerLink>()
  #end: { resolve: (ticket: Uint8Array) => void; reject: (error: InkwireError) => void } | null = null

  constructor(seat: Seat, host: DepartureHost, holdMs: number) {
    this.#seat = seat
    this.#host = host
    this.#holdMs = holdMs
    this.ticket = new Promise((resolve, reject) => {
      this.#end = { resolve, reject }
    })
  }

  /** Something has changed that may have been in the way. */
  check(): void {
    if (this.#end === null) return
    const links = new Set(this.#seat.routes.flatMap((route) => (route instanceof RemoteSeat ? [route.link] : [])))
    const { machine } = this.#seat
    const isFree = machine.phase === 'normal' && (!machine.isSequencer || links.size === 0)
    if (!this.#host.isTold() || !isFree) {
      this.#release()
      return
    }
    for (const link of links) this.#ask(link)
    if (!this.#host.isRead() || [...links].some((link) => !this.#held.has(link))) return
    const stand = machine.standstill
    if (stand === null) return
    for (const link of links) this.#tell(KIND.MOVED, link)
    this.#seat.retire()
    const { resolve } = this.#end
    this.#end = null
    resolve(this.#host.leave(stand))
  }

  /** From time to time: another is asked to order. */
  tick(): void {
    if (this.#end === null) return
    if (this.#seat.machine.isSequencer) this.#seat.tell({ kind: 'relieve' })
    this.check()
  }

  held(link: PeerLink): void {
    if (this.#asked.has(link)) this.#held.add(link)
    this.check()
  }

  /** It stays. */
  cancel(error: InkwireError): void {
    this.#release()
    this.#end?.reject(error)
    this.#end = null
  }

  #ask(link: PeerLink): void {
    if (this.#asked.has(link)) return
    this.#asked.add(link)
    link.part(this.#seat.info.seat, this.#holdMs)
  }

  #release(): void {
    for (const link of this.#asked) this.#tell(KIND.STAY, link)
    this.#asked.clear()
    this.#held.clear()
  }

  #tell(kind: number, link: PeerLink): void {
    link.aboutSeat(kind, this.#seat.info.seat)
  }
}
