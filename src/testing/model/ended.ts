/**
 * L13 where a session leaves its link in order: all that this link was given is with the peer. Looked at when END of the peer
 * comes, and held to it when the session is on its new link. What went before that link, and was not sent again on it yet,
 * is another matter.
 */
import type { Session } from '../../session/session.ts'
import { BrokenLaw } from './broken-law.ts'

export class Ended {
  readonly #session: Session
  /** How far the link was given each lane. */
  readonly #given: readonly number[]

  constructor(session: Session) {
    const { path, outbound } = session
    this.#session = session
    this.#given = outbound.lanes.map((_, lane) => path?.runs.sentOf(lane) ?? 0)
  }

  check(node: number): void {
    const { lanes } = this.#session.outbound
    if (lanes.some(({ received }, lane) => received < (this.#given[lane] ?? 0)))
      throw new BrokenLaw(`L13: node ${node} sends again what both sides have ended`)
  }
}
