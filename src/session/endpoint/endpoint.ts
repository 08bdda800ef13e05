/**
 * All sessions of one messenger, and which of them is meant: by an arriving link, by whoever answers a dial, by connect().
 *
 * Only the name that was proved on a link is identity. An instance and addresses are what its peer says about itself: the
 * instance belongs to the name, and the addresses find at most a session whose caller named nobody and whose peer is not
 * known yet. So a link reaches a session of its own name, or one that waits for that name, or none; and what one name does
 * changes nothing for another. A name belongs to one lossless session at a time. Lossy sessions are never looked for by an
 * arriving link: each link of theirs is a session of its own.
 *
 * Pure and total: what is decided here, the driver performs. Under what a session is found is in register.ts. Limits: the
 * messenger's `connectionsMax` sessions, and what is remembered of the dead is bounded in memory.ts.
 */
import type { Identity } from '../../wire/wire.ts'
import { isAccepted, isLossless, isLossy, isOfType, isUnique, type Member, type Refusal, type Wish } from './member.ts'
import { Memory } from './memory.ts'
import { Partners } from './partners.ts'
import { Register, key, keyOf, twinKey, type Counted, type Known } from './register.ts'

const NOWHERE: readonly string[] = []
/** A name that is replaced more often while an older instance of it still dials displaces only itself. */
const GONE_PER_NAME = 16
/** A late copy comes within seconds: of more dials in that time the oldest may be taken for new. */
const CLAIMED_PER_NAME = 64

export class Endpoint<S extends Member> {
  readonly #register = new Register<S>()
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
    return this.#register.size
  }

  get goneCount(): number {
    return this.#gone.count
  }

  /** Every session, oldest first. */
  members(): S[] {
    return this.#register.members()
  }

  /** A session begins. `addresses`: where connect() dials it. */
  add(member: S, addresses: readonly string[] = NOWHERE): void {
    this.#register.add(member, addresses)
  }

  /** The peer of an open session says that it is there from now on. */
  told(member: S, addresses: readonly string[]): void {
    this.#register.told(member, addresses)
  }

  remove(member: S): void {
    this.#register.remove(member)
    this.partners.remove(member)
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
    const same = name !== null && isUnique(name) ? this.#register.byName.find(name, shared) : undefined
    const dialled = same ?? this.#register.byAddress.find(address, fits)
    return dialled ?? (this.#namesAreProved ? undefined : this.#register.byTold.find(address, fits))
  }

  #fits(member: S, type: string | null, name: string | null): boolean {
    // Also of one that was only promised to a link: its peer has proved who it is.
    const its = this.#register.known(member)?.peer?.name ?? member.expectName
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
    if (!isUnique(peer.name)) return this.#register.byTwin.find(twinKey(peer, at), isLossless)
    const standing = (wanted: Known['standing']): S | undefined =>
      this.#register.byName.find(at, (member) => isLossless(member) && this.#is(member, peer, wanted))
    return standing('has') ?? standing('claims') ?? standing('waits') ?? this.#nameless(peer, channel, counted)
  }

  /** A name is not enough where its peer has proved another one beside it. */
  #is(member: S, { principal = null }: Identity, standing: Known['standing']): boolean {
    const known = this.#register.known(member)
    const its = known?.peer?.principal ?? null
    return known?.standing === standing && (its === null || principal === null || its === principal)
  }

  /** Somebody waits for whoever is at one of these addresses, and nobody has proved to be there yet. */
  #nameless(peer: Identity, channel: number, counted: Counted): S | undefined {
    const waits = (member: S): boolean =>
      isLossless(member) &&
      member.expectName === null &&
      isOfType(peer.name, member.expectType) &&
      this.#register.known(member)?.standing === 'waits'
    for (const address of peer.addresses) {
      const member = this.#register.byAddress.find(key(address, channel, counted), waits)
      if (member !== undefined) return member
    }
    return undefined
  }

  /** Why whoever answered at this address is not the peer that this session wants or has; null: it is. */
  stranger(member: S, { name, principal = null }: Identity, address: string): Refusal | null {
    const { expectType, expectName } = member
    const peer = this.#register.known(member)?.peer ?? null
    const wanted = peer?.name ?? expectName
    const renamed = peer?.principal != null && principal !== null && principal !== peer.principal
    if ((wanted === null || wanted === name) && isOfType(name, expectType) && !renamed) return null
    const reason = `${address} is ${name}, not ${wanted ?? `of type ${expectType ?? ''}`}`
    return { code: 'INK_WRONG_PEER', reason, final: peer === null }
  }

  /** Why this session may not go on with its peer on a link that it dialled, for the sake of another; null: it may. */
  rival(member: S, peer: Identity): Refusal | null {
    const { name } = peer
    const final = this.#register.known(member)?.peer == null
    if (this.isGone(peer)) {
      return { code: 'INK_TAKEN_OVER', reason: `another, newer instance of ${name} has taken over`, final }
    }
    const holder = this.#holder(member, peer)
    if (holder === undefined) return null
    if (holder.life === 'closing') {
      return { code: 'INK_REFUSED', reason: `an earlier connection to ${name} is still closing`, final: false }
    }
    if (this.#register.known(holder)?.standing === 'claims') {
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
    const holds = (other: S): boolean => other !== member && this.#register.known(other)?.standing !== 'waits'
    if (isLossy(member)) {
      return this.#register.byTwin.find(
        twinKey(peer, at),
        (other) => holds(other) && isLossy(other) && other.role === member.role,
      )
    }
    const lossless = (other: S): boolean => holds(other) && isLossless(other)
    return isUnique(peer.name)
      ? this.#register.byName.find(at, lossless)
      : this.#register.byTwin.find(twinKey(peer, at), lossless)
  }

  /** A session was made for a link that this peer proved: others of the name are meant for it, should it be adopted. */
  claim(member: S, peer: Identity): void {
    this.#register.name(member, peer, 'claims')
  }

  /** A link of this peer was adopted: it is the peer of this session, and what that was before counts no more. */
  adopt(member: S, peer: Identity): void {
    this.#register.name(member, peer, 'has')
  }

  /** The lossy session that is over, because its client has dialled again and has this one. */
  displaced(member: S): S | undefined {
    const known = this.#register.known(member)
    if (known?.standing !== 'has' || known.twin === null || !isAccepted(member)) return undefined
    return this.#register.byTwin.find(known.twin, (one) => one !== member && isAccepted(one))
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

  readonly #isLive = (name: string): boolean => this.#register.byName.has(name)
}
