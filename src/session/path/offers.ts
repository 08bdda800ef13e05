/**
 * What we have said on links that are under way: what their peers may send first, and what is finished here. When one of
 * them is adopted its path begins with that, and the others' words count no more.
 *
 * Limit: a link each that the machine holds on to, two at the most.
 */
import type { Budget } from '../../policies/policy.ts'
import type { Marks } from '../../wire/wire.ts'
import type { LinkId } from '../machine.ts'

export interface Offer {
  readonly link: LinkId
  /** What the peer of the link may send first. */
  readonly budget: Budget
  /** What it was told then of what is finished here. */
  readonly marks: readonly Marks[]
}

const NONE: readonly Offer[] = []

export class Offers {
  #all: readonly Offer[] = NONE

  note(offer: Offer): void {
    this.forget(offer.link)
    this.#all = [...this.#all, offer]
  }

  forget(link: LinkId): void {
    if (this.#all.length > 0) this.#all = this.#all.filter((offer) => offer.link !== link)
  }

  /** What was said on the link that is adopted; all else is forgotten. */
  take(link: LinkId): Offer | undefined {
    const taken = this.#all.find((offer) => offer.link === link)
    this.#all = NONE
    return taken
  }

  clear(): void {
    this.#all = NONE
  }

  /** All of it as plain data; see Session.save. */
  save(): readonly Offer[] {
    return this.#all
  }

  restore(saved: readonly Offer[]): void {
    this.#all = saved
  }
}
