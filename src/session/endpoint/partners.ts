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

export class Partners<S extends object> {
  readonly #bySession = new Shelf<S>()
  readonly #of = new Map<S, ReadonlyMap<string, Identity>>()

  /** How many ids are remembered of this one. */
  count(member: S): number {
    return this.#of.get(member)?.size ?? 0
  }

  /** A link of this peer carries the session of this id: whatever else was promised counts no more. */
  agreed(member: S, id: string, peer: Identity): void {
    this.#keep(member, new Map([[id, peer]]))
  }

  /** A link of this peer was promised the session of this id, beside the one that is agreed on. */
  promised(member: S, id: string, peer: Identity, agreed: string | null): void {
    const kept = new Map([[id, peer]])
    const other = agreed === null ? undefined : this.of(member, agreed)
    if (agreed !== null && agreed !== id && other !== undefined) kept.set(agreed, other)
    this.#keep(member, kept)
  }

  remove(member: S): void {
    this.#keep(member, new Map())
    this.#of.delete(member)
  }

  /** Who this session of one connection is with; undefined: it has none of this id. */
  of(member: S, id: string): Identity | undefined {
    return this.#of.get(member)?.get(id)
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

  #keep(member: S, sessions: ReadonlyMap<string, Identity>): void {
    for (const id of this.#of.get(member)?.keys() ?? []) this.#bySession.remove(id, member)
    this.#of.set(member, sessions)
    for (const id of sessions.keys()) this.#bySession.add(id, member)
  }
}
