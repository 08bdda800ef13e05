/**
 * The other members as this one sees them: who is up, whose link was cut, who is gone and why, who was promised what.
 */
import { GROUPS } from './limits.ts'
import type { LeftReason, MemberId, View } from './terms.ts'

/** Whoever comes and goes while a view stays is forgotten again, the oldest first. */
const GONE_MAX = 4 * GROUPS.membersMax

export class Peers {
  readonly #up = new Set<MemberId>()
  /** Cut inside this view: the stream with them is not taken up again before the next. */
  readonly #severed = new Set<MemberId>()
  readonly #gone = new Map<MemberId, LeftReason>()
  /** Whose ballots were promised, the last ones: it may have been down since, and known nothing of it. */
  readonly #promised = new Set<MemberId>()

  get up(): Iterable<MemberId> {
    return this.#up
  }

  /** Why those are gone that are. */
  get gone(): Iterable<readonly [MemberId, LeftReason]> {
    return this.#gone
  }

  isUp(peer: MemberId): boolean {
    return this.#up.has(peer)
  }

  /** Those of them that are up. */
  among(members: readonly MemberId[]): MemberId[] {
    return [...new Set(members)].filter((member) => this.#up.has(member))
  }

  isSevered(peer: MemberId): boolean {
    return this.#severed.has(peer)
  }

  /** Words go to and fro as they should inside this view. */
  isReached(peer: MemberId): boolean {
    return this.#up.has(peer) && !this.#severed.has(peer)
  }

  rise(peer: MemberId): void {
    this.#up.add(peer)
    this.#gone.delete(peer)
  }

  /** False: it was not up. */
  fall(peer: MemberId, reason: LeftReason): boolean {
    if (!this.#up.delete(peer)) return false
    this.#gone.set(peer, reason)
    if (this.#gone.size > GONE_MAX) this.#gone.delete(this.#gone.keys().next().value!)
    return true
  }

  sever(peer: MemberId): void {
    this.#severed.add(peer)
  }

  promised(peer: MemberId): void {
    this.#promised.delete(peer)
    this.#promised.add(peer)
    if (this.#promised.size > GROUPS.membersMax) this.#promised.delete(this.#promised.keys().next().value!)
  }

  hasPromise(peer: MemberId): boolean {
    return this.#promised.has(peer)
  }

  /** A new view begins. */
  entered({ members }: View): void {
    this.#severed.clear()
    for (const member of this.#gone.keys()) if (!members.includes(member)) this.#gone.delete(member)
  }
}
