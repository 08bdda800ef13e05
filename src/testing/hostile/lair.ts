/**
 * What a hostile peer holds: its links and its time, and what it has learned so far. The tricks see it as their ground.
 *
 * Limits: `appetite.links` at once, the oldest makes room; HEARD_MAX messages are remembered, the first ones.
 */
import type { InkwireErrorCode } from '../../common/errors.ts'
import type { Clock } from '../../messenger/runtime.ts'
import type { PolicyKind } from '../../policies/policy.ts'
import { parseAddress } from '../../transports/address.ts'
import type { Link, Transport } from '../../transports/transport.ts'
import type { InboundMessage } from '../../wire/message.ts'
import type { Identity, WireContext, WireProtocol } from '../../wire/wire.ts'
import type { Acquaintance } from './acquaintance.ts'
import { answerTo, Stopped } from './ground.ts'
import type { Appetite, Disguise, GroundHost, Reception } from './ground.ts'
import { HostileLink } from './hostile-link.ts'
import type { Bend, LinkOwner } from './hostile-link.ts'

const HEARD_MAX = 10_000
const KINDS: readonly PolicyKind[] = ['peer', 'losslessClient', 'lossy', 'losslessServer']

/** A message that the peer was given. */
export interface HeardMessage {
  /** Who gave it. */
  readonly from: string
  readonly type: number
  readonly tid: number
  readonly bytes: number
}

/** How one link lies. */
interface Mask {
  readonly disguise: Disguise
  readonly bend: Bend
}

/** What a lair is made with. */
export interface LairOptions {
  readonly transport: Transport
  readonly wire: WireProtocol
  readonly clock: Clock
  readonly appetite: Appetite
  /** What its links say about it, but for disguises; `self` is asked for anew with each. */
  readonly context: Omit<WireContext, 'self'>
  readonly self: () => Identity
  readonly knows: () => readonly Acquaintance[]
}

export class Lair implements GroundHost, LinkOwner {
  readonly appetite: Appetite
  readonly heardMessages: HeardMessage[] = []
  readonly links = new Set<HostileLink>()
  readonly #options: LairOptions
  readonly #targets = new WeakMap<HostileLink, string>()
  /** By target: how many policies were refused there, and the last epoch. */
  readonly #refusals = new Map<string, number>()
  readonly #epochs = new Map<string, number>()
  /** Links that were refused, and the next one need not be. */
  readonly #lessons = new WeakSet<HostileLink>()
  readonly #sleepers = new Set<() => void>()
  #reception: Reception | null = null
  #state: 'at large' | 'stopped' = 'at large'

  constructor(options: LairOptions) {
    this.#options = options
    this.appetite = options.appetite
  }

  get name(): string {
    return this.#options.self().name
  }

  get addresses(): readonly string[] {
    return this.#options.self().addresses
  }

  get isStopped(): boolean {
    return this.#state === 'stopped'
  }

  stop(): void {
    this.#state = 'stopped'
    for (const wake of [...this.#sleepers]) wake()
    for (const link of [...this.links]) link.reset()
  }

  acquaintances(): readonly Acquaintance[] {
    return this.#options.knows()
  }

  dial(target: string, disguise: Disguise, bend: Bend): HostileLink {
    if (this.isStopped) throw new Stopped()
    const { transport, wire } = this.#options
    const address = parseAddress(wire.addresses?.parse(target)?.dial ?? target)
    const made = this.#hold(transport.dial(transport.parse(address)), 'dialler', target, { disguise, bend })
    this.#targets.set(made, target)
    return made
  }

  /** Somebody dials here. */
  accept(link: Link): void {
    const made = this.#hold(link, 'acceptor', link.remoteAddress, { disguise: {}, bend: {} })
    this.#reception?.dialled?.(made)
  }

  async pause(ms: number): Promise<void> {
    const { clock } = this.#options
    if (!this.isStopped) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clock.clearTimer(timer)
          this.#sleepers.delete(wake)
          resolve()
        }
        const timer = clock.setTimer(wake, ms)
        this.#sleepers.add(wake)
      })
    }
    if (this.isStopped) throw new Stopped()
  }

  receive(reception: Reception | null): void {
    this.#reception = reception
  }

  /** The first kind that the victim did not refuse. */
  policyFor(target: string): PolicyKind {
    return KINDS[(this.#refusals.get(target) ?? 0) % KINDS.length]!
  }

  hasLearned(link: HostileLink): boolean {
    return this.#lessons.has(link)
  }

  nextEpoch(target: string): number {
    const epoch = (this.#epochs.get(target) ?? 0) + 1
    this.#epochs.set(target, epoch)
    return epoch
  }

  #hold(link: Link, role: 'dialler' | 'acceptor', target: string, { disguise, bend }: Mask): HostileLink {
    const { wire, clock, context, self, appetite } = this.#options
    for (const oldest of this.links) {
      if (this.links.size < appetite.links) break
      this.links.delete(oldest)
      oldest.reset()
    }
    const whole = { ...context, self: { ...self(), ...disguise }, target }
    const made = new HostileLink({ link, role, protocol: wire, context: whole, clock, owner: this, bend })
    this.links.add(made)
    return made
  }

  // What its links tell.

  heard(link: HostileLink, { type, tid, bytes }: InboundMessage): void {
    if (this.heardMessages.length < HEARD_MAX)
      this.heardMessages.push({ from: link.peer?.name ?? '', type, tid, bytes })
  }

  asked(link: HostileLink): void {
    if (this.#reception?.asked !== undefined) this.#reception.asked(link)
    else if (link.offered !== null) link.accept(answerTo(link.offered))
  }

  refused(link: HostileLink, why: InkwireErrorCode | number): void {
    const target = this.#targets.get(link)
    if (target === undefined) return
    if (typeof why === 'number') this.#epochs.set(target, Math.max(this.#epochs.get(target) ?? 0, why))
    else if (why === 'INK_POLICY_MISMATCH') this.#refusals.set(target, (this.#refusals.get(target) ?? 0) + 1)
    else return
    this.#lessons.add(link)
  }

  over(link: HostileLink): void {
    this.links.delete(link)
  }
}
