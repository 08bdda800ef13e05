/**
 * All sessions of one messenger, and which of them is meant: by an arriving link, by whoever answers a dial, by connect().
 *
 * Only the name that was proved on a link is identity. An instance and addresses are what its peer says about itself: the
 * instance belongs to the name, and the addresses find at most a session whose caller named nobody and whose peer is not
 * known yet. So a link reaches a session of its own name, or one that waits for that name, or none; and what one name does
 * changes nothing for another. A name belongs to one lossless session at a time. Lossy sessions are never looked for by an
 * arriving link: each link of theirs is a session of its own.
 *
 * Pure and total: what is decided here, the driver performs. Limits: the messenger's `connectionsMax` sessions, and what
 * is remembered of the dead is bounded in memory.ts.
 */
import type { Identity } from '../../wire/wire.ts'
import { isOfType, isUnique, type Member, type Refusal, type Wish } from './member.ts'
import { Memory } from './memory.ts'
import { Partners } from './partners.ts'
import { Shelf } from './shelf.ts'

/** What is known of a session beside what it was made for. */
interface Known {
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
/** A name that is replaced more often while an older instance of it still dials displaces only itself. */
const GONE_PER_NAME = 16
/** A late copy comes within seconds: of more dials in that time the oldest may be taken for new. */
const CLAIMED_PER_NAME = 64

export class Endpoint<S extends Member> {
  readonly #all = new Map<S, Known>()
  readonly #byAddress = new Shelf<S>()
  readonly #byTold = new Shelf<S>()
  readonly #byName = new Shelf<S>()
  readonly #byTwin = new Shelf<S>()
  /** Instances that were replaced. */
  readonly #gone: Memory
  /** Fresh ids of sessions that were offered. */
  readonly #claimed: Memory
  /** Who each session is with. */
  readonly partners = new Partners<S>()
  readonly #namesAreProved: boolean

  /**
   * `namesMax`: of how many names without a session anything is remembered. `namesAreProved`: there is proof of names, beside
   * which an address that a peer says is a claim like any other; without one it is as good as the name.
   */
  constructor(namesMax: number, namesAreProved = false) {
    this.#namesAreProved = namesAreProved
    this.#gone = new Memory(GONE_PER_NAME, namesMax)
    this.#claimed = new Memory(CLAIMED_PER_NAME, namesMax)
  }

  get size(): number {
    return this.#all.size
  }

  get goneCount(): number {
    return this.#gone.count
  }

  /** Every session, oldest first. */
  members(): S[] {
    return [...this.#all.keys()]
  }

  /** A session begins. `addresses`: where connect() dials it. */
  add(member: S, addresses: readonly string[] = NOWHERE): void {
    const { expectName } = member
    const name = expectName !== null && isUnique(expectName) ? keyOf(expectName, member) : null
    const dialled = addresses.map((address) => keyOf(address, member))
    this.#all.set(member, { dialled, peer: null, standing: 'waits', name, twin: null, told: NOWHERE })
    for (const at of dialled) this.#byAddress.add(at, member)
    if (name !== null) this.#byName.add(name, member)
  }

  remove(member: S): void {
    const known = this.#all.get(member)
    if (known === undefined) return
    this.#all.delete(member)
    for (const at of known.dialled) this.#byAddress.remove(at, member)
    this.partners.remove(member)
    this.#unname(member, known)
  }

  /**
   * The session that a caller of connect() means which asks for such a peer at this address; undefined: a new one. Whoever
   * is asked for by name is the same peer wherever it is. Who asks for less is content with what was asked for before; who
   * asks for more is not.
   */
  wanted(address: string, { type, name }: Wish): S | undefined {
    const runs = ({ life }: S): boolean => life === 'running'
    const fits = (member: S): boolean => runs(member) && this.#fits(member, type, name)
    // Of lossy ones only what was dialled; of others also what was only promised to a link of that name, or both would be.
    const shared = (member: S): boolean => runs(member) && (isLossless(member) || member.role === 'initiator')
    const same = name !== null && isUnique(name) ? this.#byName.find(name, shared) : undefined
    const dialled = same ?? this.#byAddress.find(address, fits)
    return dialled ?? (this.#namesAreProved ? undefined : this.#byTold.find(address, fits))
  }

  #fits(member: S, type: string | null, name: string | null): boolean {
    // Also of one that was only promised to a link: its peer has proved who it is.
    const its = this.#all.get(member)?.peer?.name ?? member.expectName
    if (name !== null) return its === name
    return its === null ? type === null || member.expectType === type : isOfType(its, type)
  }

  /**
   * The lossless session that a link means which has arrived and has proved this name; undefined: a new one. `counted`: who
   * counted its channel; null: it does not say.
   */
  meant(peer: Identity, channel: number, counted: Counted | null = null): S | undefined {
    if (counted !== null || channel === 0) return this.#meant(peer, channel, counted ?? 'theirs')
    return this.#meant(peer, channel, 'theirs') ?? this.#meant(peer, channel, 'ours')
  }

  #meant(peer: Identity, channel: number, counted: Counted): S | undefined {
    const at = key(peer.name, channel, counted)
    if (!isUnique(peer.name)) return this.#byTwin.find(twinKey(peer, at), isLossless)
    const standing = (wanted: Known['standing']): S | undefined =>
      this.#byName.find(at, (member) => isLossless(member) && this.#is(member, peer, wanted))
    return standing('has') ?? standing('claims') ?? standing('waits') ?? this.#nameless(peer, channel, counted)
  }

  /** A name is not enough where its peer has proved another one beside it. */
  #is(member: S, { principal = null }: Identity, standing: Known['standing']): boolean {
    const known = this.#all.get(member)
    const its = known?.peer?.principal ?? null
    return known?.standing === standing && (its === null || principal === null || its === principal)
  }

  /** Somebody waits for whoever is at one of these addresses, and nobody has proved to be there yet. */
  #nameless(peer: Identity, channel: number, counted: Counted): S | undefined {
    const waits = (member: S): boolean =>
      isLossless(member) &&
      member.expectName === null &&
      isOfType(peer.name, member.expectType) &&
      this.#all.get(member)?.standing === 'waits'
    for (const address of peer.addresses) {
      const member = this.#byAddress.find(key(address, channel, counted), waits)
      if (member !== undefined) return member
    }
    return undefined
  }

  /** Why whoever answered at this address is not the peer that this session wants or has; null: it is. */
  stranger(member: S, { name, principal = null }: Identity, address: string): Refusal | null {
    const { expectType, expectName } = member
    const peer = this.#all.get(member)?.peer ?? null
    const wanted = peer?.name ?? expectName
    const renamed = peer?.principal != null && principal !== null && principal !== peer.principal
    if ((wanted === null || wanted === name) && isOfType(name, expectType) && !renamed) return null
    const reason = `${address} is ${name}, not ${wanted ?? `of type ${expectType ?? ''}`}`
    return { code: 'INK_WRONG_PEER', reason, final: peer === null }
  }

  /** Why this session may not go on with its peer on a link that it dialled, for the sake of another; null: it may. */
  rival(member: S, peer: Identity): Refusal | null {
    const { name } = peer
    const final = this.#all.get(member)?.peer == null
    if (this.isGone(peer)) {
      return { code: 'INK_TAKEN_OVER', reason: `another, newer instance of ${name} has taken over`, final }
    }
    const holder = this.#holder(member, peer)
    if (holder === undefined) return null
    if (holder.life === 'closing') {
      return { code: 'INK_REFUSED', reason: `an earlier connection to ${name} is still closing`, final: false }
    }
    if (this.#all.get(holder)?.standing === 'claims') {
      return { code: 'INK_REFUSED', reason: `${name} is about to connect from its side`, final: false }
    }
    const way = isUnique(name) ? `connect() with the name ${name}` : `connect() to that address`
    const reason = `${name} is connected already, through ${holder.address}: ${way} gives that connection`
    return { code: 'INK_DUPLICATE_PEER', reason, final }
  }

  /**
   * Another session that has this peer, or that a link of it was promised to. Lossy ones that were accepted are no rivals of
   * one that is dialled.
   */
  #holder(member: S, peer: Identity): S | undefined {
    const at = keyOf(peer.name, member)
    const holds = (other: S): boolean => other !== member && this.#all.get(other)?.standing !== 'waits'
    if (isLossy(member)) {
      return this.#byTwin.find(
        twinKey(peer, at),
        (other) => holds(other) && isLossy(other) && other.role === member.role,
      )
    }
    const lossless = (other: S): boolean => holds(other) && isLossless(other)
    return isUnique(peer.name) ? this.#byName.find(at, lossless) : this.#byTwin.find(twinKey(peer, at), lossless)
  }

  /** A session was made for a link that this peer proved: others of the name are meant for it, should it be adopted. */
  claim(member: S, peer: Identity): void {
    this.#name(member, peer, 'claims')
  }

  /** A link of this peer was adopted: it is the peer of this session, and what that was before counts no more. */
  adopt(member: S, peer: Identity): void {
    this.#name(member, peer, 'has')
  }

  /** The lossy session that is over, because its client has dialled again and has this one. */
  displaced(member: S): S | undefined {
    const known = this.#all.get(member)
    if (known?.standing !== 'has' || known.twin === null || !isAccepted(member)) return undefined
    return this.#byTwin.find(known.twin, (one) => one !== member && isAccepted(one))
  }

  #name(member: S, peer: Identity, standing: Known['standing']): void {
    const known = this.#all.get(member)
    if (known === undefined) return
    this.#unname(member, known)
    const at = keyOf(peer.name, member)
    known.peer = peer
    known.standing = standing
    if (isLossy(member) || !isUnique(peer.name)) {
      known.twin = twinKey(peer, at)
      this.#byTwin.add(known.twin, member)
    }
    if (isUnique(peer.name) && (isLossless(member) || member.role === 'initiator')) {
      known.name = at
      this.#byName.add(at, member)
    }
    if (isLossy(member)) return
    known.told = peer.addresses.map((address) => keyOf(address, member))
    for (const told of known.told) this.#byTold.add(told, member)
  }

  #unname(member: S, known: Known): void {
    if (known.twin !== null) this.#byTwin.remove(known.twin, member)
    if (known.name !== null) this.#byName.remove(known.name, member)
    for (const told of known.told) this.#byTold.remove(told, member)
    known.twin = null
    known.name = null
    known.told = NOWHERE
  }

  /** This instance of a name was replaced: it is refused from now on. */
  bury(name: string, instance: string): void {
    this.#gone.add(name, instance, this.#isLive)
  }

  isGone({ name, instance }: Identity): boolean {
    return this.#gone.has(name, instance)
  }

  /**
   * This fresh session id is offered under a name. False: it was offered before. A late copy of an OPEN would make a session
   * that has ended here seem half established, and its dialler resume it where nothing is known of it.
   */
  offered(name: string, session: string): boolean {
    if (this.#claimed.has(name, session)) return false
    this.#claimed.add(name, session, this.#isLive)
    return true
  }

  readonly #isLive = (name: string): boolean => this.#byName.has(name)
}

function isLossy({ policy }: Member): boolean {
  return policy.kind === 'lossy'
}

/** Lossy, and made for a link that arrived. */
function isAccepted(member: Member): boolean {
  return isLossy(member) && member.role === 'responder'
}

function isLossless(member: Member): boolean {
  return !isLossy(member)
}

/** Which side counted a channel: each counts its anonymous connections from 1. Channel 0 is the one that both share. */
export type Counted = 'ours' | 'theirs'

function keyOf(what: string, { channel, role }: Member): string {
  return key(what, channel, role === 'initiator' ? 'ours' : 'theirs')
}

function key(what: string, channel: number, counted: Counted): string {
  return channel === 0 ? what : `${what}#${channel} ${counted}`
}

function twinKey(peer: Identity, at: string): string {
  return `${peer.instance} ${at}`
}
