/**
 * Tickets of TLS sessions, by where they were got: the next dial there needs no certificates and no signatures.
 *
 * Each is used once, so that nobody who watches can tell that two connections are of the same end. A server gives two with a
 * whole handshake, and may give none when a session is resumed: then every third dial is a whole one. Limit: PLACE_TICKETS_MAX of
 * each of the PLACES_MAX places that were dialled last; a dial without one is a dial as the first was.
 */
import type { X509Certificate } from 'node:crypto'

const PLACES_MAX = 1024
const PLACE_TICKETS_MAX = 2

export interface TlsTicket {
  readonly session: Buffer
  /** Whose session it is. */
  readonly certificate: X509Certificate
}

export class TlsTickets {
  readonly #tickets = new Map<string, TlsTicket[]>()

  keep(place: string, ticket: TlsTicket): void {
    const before = this.#tickets.get(place) ?? []
    this.#tickets.delete(place)
    this.#tickets.set(place, [...before, ticket].slice(-PLACE_TICKETS_MAX))
    const [oldest] = this.#tickets.keys()
    if (this.#tickets.size > PLACES_MAX && oldest !== undefined) this.#tickets.delete(oldest)
  }

  take(place: string): TlsTicket | undefined {
    const tickets = this.#tickets.get(place)
    const ticket = tickets?.pop()
    if (tickets?.length === 0) this.#tickets.delete(place)
    return ticket
  }

  clear(): void {
    this.#tickets.clear()
  }
}
