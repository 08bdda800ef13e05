/**
 * Tells the peers of open sessions where this messenger can be dialled, when that has changed since their links began; and hears
 * the same of them.
 *
 * A link begins with the addresses of then (HELLO). So nothing is said as long as they stay as they were before the first link. From the
 * first change on, a session is told the whole list whenever that changes and whenever a link carries it: that link may have begun
 * before. Only who may dial us is told. Limit: one word of a session under way; while it is, later changes wait, and
 * become one word.
 */
import { decodeAddresses, encodeAddresses } from '../session/routes/words.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Verdict } from '../wire/service.ts'
import type { Service, ServiceSession } from './service.ts'

const SERVICE_NUMBER = 10

/** What it needs of its messenger. */
export interface NewsHost {
  /** What peers are told now. */
  told(): readonly string[]
  /** A link may have begun already. */
  hasLinks(): boolean
  /** In a turn of its own: what is bound together is told together. */
  later(run: () => void): void
}

export class AddressNews implements Service {
  readonly name = 'addresses'
  readonly number = SERVICE_NUMBER
  readonly #host: NewsHost
  /** Those whose peer may dial us, and knows such words. */
  readonly #sessions = new Set<ServiceSession>()
  /** Those with a word under way, and what that says. */
  readonly #saying = new Map<ServiceSession, readonly string[]>()
  /** `as at first`: what links were told when they began holds. */
  #phase: 'as at first' | 'about to tell' | 'told' = 'as at first'

  constructor(host: NewsHost) {
    this.#host = host
  }

  /** The messenger is told by another list. */
  changed(): void {
    if (this.#phase === 'about to tell' || !this.#host.hasLinks()) return
    this.#phase = 'about to tell'
    this.#host.later(() => {
      this.#phase = 'told'
      for (const session of this.#sessions) this.#say(session)
    })
  }

  adopted(session: ServiceSession): void {
    if (!session.knowsAddresses || !mayBeDialled(session)) return
    this.#sessions.add(session)
    if (this.#phase === 'told') this.#say(session)
  }

  reset(session: ServiceSession): void {
    this.#saying.delete(session)
  }

  ended(session: ServiceSession): void {
    this.#sessions.delete(session)
    this.#saying.delete(session)
  }

  message(session: ServiceSession, _message: InboundMessage, words: Uint8Array): Verdict {
    const addresses = decodeAddresses(words)
    if (addresses === null) session.fault(`the peer says where it is in ${words.length} bytes that are no addresses`)
    else session.relocated(addresses)
    return 'taken'
  }

  /** Without a link it hears of that with its next one. */
  #say(session: ServiceSession): void {
    if (this.#saying.has(session) || session.connection.state !== 'open') return
    const told = this.#host.told()
    this.#saying.set(session, told)
    session.control(encodeAddresses(told), undefined, {
      acked: () => {
        this.#saying.delete(session)
        if (this.#host.told() !== told) this.#say(session)
      },
      failed: () => undefined,
    })
  }
}

/** The peer dials, or may. */
function mayBeDialled({ connection: { policy } }: ServiceSession): boolean {
  return policy.kind === 'peer' || policy.kind === 'losslessServer'
}
