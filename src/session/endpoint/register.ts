/**
 * Every session of an endpoint, and under what each is found: where it was dialled, where its peer says that it is, by name, and
 * by name and instance. What is found is a candidate; which one is meant is the endpoint's to say.
 *
 * A session is found by what is known of it now: what its peer has proved takes the place of what its caller expects.
 * Limit: the messenger's `connectionsMax` sessions.
 */
import type { Identity } from '../../wire/wire.ts'
import { isLossless, isLossy, isUnique, type Member } from './member.ts'
import { Shelf } from './shelf.ts'

/** What is known of a session beside what it was made for. */
export interface Known {
  /** Where it was dialled by connect(); keys of the shelf. */
  dialled: readonly string[]
  /** Who has proved to be its peer, on a link that it adopted or was made for; null before anybody has. */
  peer: Identity | null
  /** What that proof is worth: a link that was adopted, or one that may never be. */
  standing: 'waits' | 'claims' | 'has'
  /** Under which key it is found by name: the proved one, or the expected one until then. */
  name: string | null
  /** Under which key it is found by name and instance. */
  twin: string | null
  /** Where its peer says that it is; keys of a shelf of their own. */
  told: readonly string[]
}

const NOWHERE: readonly string[] = []

export class Register<S extends Member> {
  readonly #all = new Map<S, Known>()
  readonly byAddress = new Shelf<S>()
  readonly byTold = new Shelf<S>()
  readonly byName = new Shelf<S>()
  readonly byTwin = new Shelf<S>()

  get size(): number {
    return this.#all.size
  }

  /** Oldest first. */
  members(): S[] {
    return [...this.#all.keys()]
  }

  /** Undefined: it is not here, or not any more. */
  known(member: S): Readonly<Known> | undefined {
    return this.#all.get(member)
  }

  /** `addresses`: where connect() dials it. */
  add(member: S, addresses: readonly string[]): void {
    const { expectName } = member
    const name = expectName !== null && isUnique(expectName) ? keyOf(expectName, member) : null
    const dialled = keysOf(addresses, member)
    this.#all.set(member, { dialled, peer: null, standing: 'waits', name, twin: null, told: NOWHERE })
    for (const at of dialled) this.byAddress.add(at, member)
    if (name !== null) this.byName.add(name, member)
  }

  remove(member: S): void {
    const known = this.#all.get(member)
    if (known === undefined) return
    this.#all.delete(member)
    for (const at of known.dialled) this.byAddress.remove(at, member)
    this.#unname(member, known)
  }

  /** Its peer has proved to be this one; what was known of it before counts no more. */
  name(member: S, peer: Identity, standing: Known['standing']): void {
    const known = this.#all.get(member)
    if (known === undefined) return
    this.#unname(member, known)
    const at = keyOf(peer.name, member)
    known.peer = peer
    known.standing = standing
    if (isLossy(member) || !isUnique(peer.name)) {
      known.twin = twinKey(peer, at)
      this.byTwin.add(known.twin, member)
    }
    if (isUnique(peer.name) && (isLossless(member) || member.role === 'initiator')) {
      known.name = at
      this.byName.add(at, member)
    }
    if (!isLossy(member)) this.#tell(member, known, peer.addresses)
  }

  /** Its peer says that it is there from now on. */
  told(member: S, addresses: readonly string[]): void {
    const known = this.#all.get(member)
    if (known === undefined || known.peer === null || isLossy(member)) return
    for (const told of known.told) this.byTold.remove(told, member)
    this.#tell(member, known, addresses)
  }

  #tell(member: S, known: Known, addresses: readonly string[]): void {
    known.told = keysOf(addresses, member)
    for (const told of known.told) this.byTold.add(told, member)
  }

  #unname(member: S, known: Known): void {
    if (known.twin !== null) this.byTwin.remove(known.twin, member)
    if (known.name !== null) this.byName.remove(known.name, member)
    for (const told of known.told) this.byTold.remove(told, member)
    known.twin = null
    known.name = null
    known.told = NOWHERE
  }
}

/** Which side counted a channel: each counts its anonymous connections from 1. Channel 0 is the one that both share. */
export type Counted = 'ours' | 'theirs'

export function keyOf(what: string, { channel, role }: Member): string {
  return key(what, channel, role === 'initiator' ? 'ours' : 'theirs')
}

/** Most who arrive have none, and share that. */
function keysOf(addresses: readonly string[], member: Member): readonly string[] {
  return addresses.length === 0 ? NOWHERE : addresses.map((address) => keyOf(address, member))
}

export function key(what: string, channel: number, counted: Counted): string {
  return channel === 0 ? what : `${what}#${channel} ${counted}`
}

export function twinKey(peer: Identity, at: string): string {
  return `${peer.instance} ${at}`
}
