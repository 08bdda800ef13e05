/**
 * What a member knows of its group's votes and state: how its view counts, and what it brings into the next change.
 *
 * For `lastManStanding` a primary view counts as whole when a SAFE message was told in it: then all its members are in it.
 */
import { accountBytes, standingIn, standingOf, type Quorum, type Standing } from './machine/quorum.ts'
import type { ViewChange, ViewId } from './machine/terms.ts'

const FRESH: Standing = { isPrimary: false, hasSeenAll: false, era: 0, memory: null }
/** The type of that message, which no application can publish. */
export const WHOLE_TYPE = 0x1_0000

export class OwnStanding {
  readonly #quorum: Quorum | null
  #now: Standing

  /** `account`: what it was in another process. */
  constructor(quorum: Quorum | null, account: Uint8Array | undefined) {
    this.#quorum = quorum
    this.#now = account === undefined ? FRESH : standingIn(account, quorum)
  }

  get isPrimary(): boolean {
    return this.#now.isPrimary
  }

  /** Whether this view is to be told that all its members are in it. */
  get asksWhole(): boolean {
    return this.#quorum?.lastManStanding === true && this.#now.isPrimary
  }

  /** In a new view. */
  enter(change: ViewChange): void {
    const before = this.#now.memory
    this.#now = standingOf(this.#quorum, change)
    // What others remember makes nobody count who does not remember by itself.
    if (before === null && !this.#now.isPrimary) this.#now = { ...this.#now, memory: null }
  }

  /** All members of this view are in it. */
  isWhole({ number }: ViewId): void {
    const electors = this.#now.memory?.attempts.find(({ era }) => era === number)
    if (electors !== undefined) this.#now = { ...this.#now, memory: { electors, attempts: [] } }
  }

  account(hasState: boolean): Uint8Array {
    return accountBytes(this.#now, hasState, this.#quorum)
  }
}
