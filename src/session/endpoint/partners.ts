/**
 * Who each session is with, by the session's id: for a protocol whose dialler names a session when it comes back, and not
 * itself.
 *
 * It is remembered for as long as the session lives and no longer, so that no number of other sessions makes it forgotten.
 * Ids are chosen by peers: somebody may have chosen that of another, so there may be several of one id, each with its own
 * peer. Limit: two for each session, the one that was agreed on and the one that was promised last.
 */
import type { Identity, Resumable } from '../../wire/wire.ts'
import { Shelf } from './shelf.ts'

interface Partner {
  readonly id: string
  readonly peer: Identity
}

const NOBODY: readonly Partner[] = []

export class Partners<S extends object> {
  readonly #bySession = new Shelf<S>()
  /** Lists, because there are two at the most. */
  readonly #of = new Map<S, readonly Partner[]>()

  /** How many ids are remembered of this one. */
  count(member: S): number {
    return this.#of.get(member)?.length ?? 0
  }

  /** A link of this peer carries the session of this id: whatever else was promised counts no more. */
  agreed(member: S, id: string, peer: Identity): void {
    this.#keep(member, [{ id, peer }])
  }

  /** A link of this peer was promised the session of this id, beside the one that is agreed on. */
  promised(member: S, id: string, peer: Identity, agreed: string | null): void {
    const kept: Partner[] = [{ id, peer }]
    const other = agreed === null ? undefined : this.of(member, agreed)
    if (agreed !== null && agreed !== id && other !== undefined) kept.push({ id: agreed, peer: other })
    this.#keep(member, kept)
  }

  remove(member: S): void {
    this.#keep(member, NOBODY)
    this.#of.delete(member)
  }

  /** Who this session of one connection is with; undefined: it has none of this id. */
  of(member: S, id: string): Identity | undefined {
    return this.#of.get(member)?.find((partner) => partner.id === id)?.peer
  }

  /** What can be resumed, with whom it is. */
  known(member: S, resume: readonly Resumable[]): readonly Resumable[] {
    return resume.map((entry) => {
      const peer = this.of(member, entry.id)
      return peer === undefined ? entry : { ...entry, peer }
    })
  }

  /** Who all sessions of this id are with, the oldest first. */
  all(id: string): Identity[] {
    return this.#bySession.all(id).flatMap((member) => this.of(member, id) ?? [])
  }

  #keep(member: S, partners: readonly Partner[]): void {
    for (const { id } of this.#of.get(member) ?? NOBODY) this.#bySession.remove(id, member)
    this.#of.set(member, partners)
    for (const { id } of partners) this.#bySession.add(id, member)
  }
}
