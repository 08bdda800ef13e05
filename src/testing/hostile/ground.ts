/**
 * What a trick has to work with: links under any disguise, forged offers, time, and what to do with those who dial here.
 *
 * Everything is drawn from the trick's own source of chance. After `stop` nothing can be done any more: whatever a trick
 * asks for then ends it.
 */
import type { PolicyKind } from '../../policies/policy.ts'
import type { SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import { toHex } from '../../common/bytes.ts'
import type { SeededRandom } from '../simulator/random.ts'
import type { Acquaintance } from './acquaintance.ts'
import { BOUNDLESS, type Bend, type HostileLink } from './hostile-link.ts'

/** Ends a trick whose peer was stopped. */
export class Stopped extends Error {}

/** What a peer says that it is; the name it proves is another matter. */
export interface Disguise {
  readonly name?: string
  readonly instance?: string
  readonly addresses?: readonly string[]
}

/** How a trick treats those who dial the hostile peer: before anything is said, and when a session is asked for. */
export interface Reception {
  dialled?(link: HostileLink): void
  asked?(link: HostileLink): void
}

/** What the peer does for its tricks. */
export interface GroundHost {
  readonly name: string
  readonly addresses: readonly string[]
  readonly appetite: Appetite
  acquaintances(): readonly Acquaintance[]
  dial(target: string, disguise: Disguise, bend: Bend): HostileLink
  pause(ms: number): Promise<void>
  receive(reception: Reception | null): void
  policyFor(target: string): PolicyKind
  nextEpoch(target: string): number
  /** True when the link was refused for something that the next one does right. */
  hasLearned(link: HostileLink): boolean
}

/** How much of the machine a hostile peer takes at most: what it tries is not how much the victim stands. */
export interface Appetite {
  /** Links at once; the oldest makes room. */
  readonly links: number
  /** Messages, connections or frames of one flood. */
  readonly flood: number
  /** What a message claims to be long, in bytes. */
  readonly claimedBytes: number
  /** How long it lies to those who dial, in one trick, in ms. */
  readonly receiveMs: number
}

const SHAKE_MS = 2000
/** A victim says which policy it takes, and which epoch goes first. */
const TRIES_MAX = 4

export class Ground {
  readonly random: SeededRandom
  /** Where the victim of this trick can be dialled. */
  readonly target: string
  readonly #host: GroundHost

  constructor(host: GroundHost, target: string, random: SeededRandom) {
    this.#host = host
    this.target = target
    this.random = random
  }

  /** The name that the peer can prove. */
  get name(): string {
    return this.#host.name
  }

  /** Where the peer itself can be dialled. */
  get addresses(): readonly string[] {
    return this.#host.addresses
  }

  get appetite(): Appetite {
    return this.#host.appetite
  }

  get others(): readonly Acquaintance[] {
    return this.#host.acquaintances().filter(({ name }) => name !== this.name)
  }

  /** Somebody else; the peer itself when it knows nobody. */
  someone(): Acquaintance {
    const { others, name, addresses } = this
    return others.length > 0 ? this.random.pick(others) : { name, instance: this.id(), addresses, sessions: [] }
  }

  /** Sessions of others. */
  sessions(): string[] {
    return this.others.flatMap(({ sessions }) => sessions)
  }

  /** 128 random bits, as ids and instances are. */
  id(): string {
    return toHex(this.random.bytes(16))
  }

  /** A link to the victim that has said nothing yet. */
  dial(disguise: Disguise = {}, bend: Bend = {}): HostileLink {
    return this.#host.dial(this.target, disguise, bend)
  }

  offer(change: Partial<SessionOffer> = {}): SessionOffer {
    const ballot = { epoch: this.#host.nextEpoch(this.target), dialler: toHex(this.random.bytes(8)) }
    const policy = this.#host.policyFor(this.target)
    const grant = { window: BOUNDLESS, free: BOUNDLESS }
    return { ballot, channel: 0, policy, fresh: this.id(), resume: [], grant, ...change }
  }

  /** A dial that was promised a session, or refused for good, or was not answered in time. */
  async asked(disguise: Disguise = {}, change: Partial<SessionOffer> = {}, bend: Bend = {}): Promise<HostileLink> {
    for (let tries = 1; ; tries++) {
      const link = this.dial(disguise, bend).open(this.offer(change))
      await link.reaches(['promised', 'refused'], SHAKE_MS)
      if (tries === TRIES_MAX || !this.#host.hasLearned(link)) return link
    }
  }

  /** A session with the victim; null when it did not let this one in. */
  async session(disguise: Disguise = {}, change: Partial<SessionOffer> = {}): Promise<HostileLink | null> {
    const link = await this.asked(disguise, change)
    link.confirm()
    return link.standing === 'open' ? link : null
  }

  /** Lets time pass: `maxMs` at most. */
  pause(maxMs: number): Promise<void> {
    return this.#host.pause(this.random.between(0, maxMs))
  }

  /** Treats those who dial here in this way for so long; then as a decent peer would again. */
  async receive(reception: Reception, ms: number): Promise<void> {
    this.#host.receive(reception)
    try {
      await this.#host.pause(ms)
    } finally {
      this.#host.receive(null)
    }
  }
}

const COUNTERPART: Readonly<Record<PolicyKind, PolicyKind>> = {
  lossy: 'lossy',
  losslessClient: 'losslessServer',
  losslessServer: 'losslessClient',
  peer: 'peer',
}

/** A decent answer to an offer, or one with lies in it. */
export function answerTo(offer: SessionOffer, change: Partial<SessionAnswer> = {}): SessionAnswer {
  const grant = { window: BOUNDLESS, free: BOUNDLESS }
  return { id: offer.fresh, resumed: false, marks: [], policy: COUNTERPART[offer.policy], grant, ...change }
}
