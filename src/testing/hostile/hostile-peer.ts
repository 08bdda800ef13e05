/**
 * A peer that proves its own name and then breaks every promise: for tests of what it can do to others.
 *
 * It speaks the real protocol over any transport, so it gets as far as whoever holds one key. What it does is a list of
 * tricks (`HOSTILE_TRICKS`), played by name or drawn from a seed. Whatever it does, nothing that was promised to another
 * name may change, but for its bounded share of the machine (law L14).
 *
 * @example
 * const process = sim.process('osd.6')
 * const hostile = new HostilePeer({
 *   name: 'osd.6',
 *   auth: sharedSecret({ secret: itsOwn }),
 *   transport: process.transport,
 *   clock: process.clock,
 *   targets: ['sim://osd.0:6800'],
 *   knows: () => acquaintances([osd1, osd2]),
 *   seed: 7,
 * })
 * await sim.run(() => hostile.rampage({ forMs: 5000 }))
 */
import { onlyKnown, optionObject } from '../../common/options.ts'
import { none } from '../../auth/none.ts'
import { toHex } from '../../common/bytes.ts'
import { InkwireError } from '../../common/errors.ts'
import { allocate } from '../../messenger/fresh-memory.ts'
import { nodeRuntime } from '../../messenger/runtime.ts'
import type { Clock } from '../../messenger/runtime.ts'
import { formatAddress, parseAddress } from '../../transports/address.ts'
import type { Listener, Transport } from '../../transports/transport.ts'
import type { AuthMethod } from '../../wire/auth-method.ts'
import { native } from '../../wire/native/native.ts'
import type { Identity, WireProtocol } from '../../wire/wire.ts'
import { seededRandom } from '../simulator/random.ts'
import type { SeededRandom } from '../simulator/random.ts'
import type { Acquaintance } from './acquaintance.ts'
import { Ground, Stopped } from './ground.ts'
import type { Appetite } from './ground.ts'
import { Lair } from './lair.ts'
import type { HeardMessage } from './lair.ts'
import { TRICKS, tricksFor } from './tricks.ts'
import type { HostileTrick } from './tricks.ts'

/** What a hostile peer is and whom it is after. */
export interface HostilePeerOptions {
  /** The name that it proves: `osd.6`. */
  readonly name: string
  /** How it proves it: its own key and no other, `sharedSecret({ secret })`. Default `none()`, where who says a name has it. */
  readonly auth?: AuthMethod | undefined
  /** Default `native()`. Of a protocol with keys of its own (`msgr2`), one that was made with its own. */
  readonly wire?: WireProtocol | undefined
  /** What it dials and listens with: `tcp()`, or the transport of a simulated process. */
  readonly transport: Transport
  /** Its victims: where they can be dialled, as their `bind()` says. */
  readonly targets: readonly string[]
  /** What it knows of others, asked whenever a trick needs it; see `acquaintances`. Default: nothing. */
  readonly knows?: (() => readonly Acquaintance[]) | undefined
  /** Everything that it draws comes from here; default 0. */
  readonly seed?: number | string | undefined
  /** Default Node's; on a simulated network the clock of its process. */
  readonly clock?: Clock | undefined
  /** How much it does at once; default 64 links, floods of 100, messages that claim 64 MiB, 400 ms. */
  readonly appetite?: Partial<Appetite> | undefined
}

/** How long a rampage lasts, and of what it consists. */
export interface RampageOptions {
  /** For so long, in ms, 0 or more; a trick that has begun is finished. */
  readonly forMs: number
  /** Out of these; default: all that make sense with its protocol and its proof. */
  readonly tricks?: readonly HostileTrick[] | undefined
  /** Between two tricks, at most, in ms; default 50. */
  readonly pauseMs?: number | undefined
}

const APPETITE: Appetite = { links: 64, flood: 100, claimedBytes: 64 << 20, receiveMs: 400 }
const OPTIONS = ['name', 'auth', 'wire', 'transport', 'targets', 'knows', 'seed', 'clock', 'appetite']
/** What everybody bounds a stranger by, and the largest frame that it takes. */
const LIMITS = { handshakeBytes: 4096, frameBytes: 512 * 1024 }

/** A peer that lies, floods and breaks off in every way that the protocol has, drawn from a seed. */
export class HostilePeer {
  /** The name that it proves. */
  readonly name: string
  /** Its own instance, when it wears nobody else's. */
  readonly instance: string
  readonly #options: HostilePeerOptions
  readonly #random: SeededRandom
  readonly #clock: Clock
  readonly #lair: Lair
  readonly #listeners: Listener[] = []
  readonly #played: HostileTrick[] = []
  /** Another list when they change: what links say is made once for each. */
  #addresses: readonly string[] = []

  constructor(options: HostilePeerOptions) {
    optionObject('new HostilePeer()', options, OPTIONS)
    optionObject('new HostilePeer({ appetite })', options.appetite, Object.keys(APPETITE))
    const { name, auth = none(), wire = native(), seed = 0, clock = nodeRuntime.clock } = options
    const { transport, knows = () => [] } = options
    const random = seededRandom(seed).fork(`hostile ${name}`)
    const randomBytes = (count: number): Uint8Array => random.bytes(count)
    this.#options = options
    this.name = name
    this.#clock = clock
    this.#random = random
    this.instance = toHex(random.bytes(16))
    this.#lair = new Lair({
      ...{ transport, wire, clock, knows },
      appetite: { ...APPETITE, ...options.appetite },
      context: { auth, randomBytes, allocate, limits: LIMITS },
      self: () => this.#self(),
    })
  }

  /** Where it listens, or did until it was stopped. */
  get addresses(): readonly string[] {
    return this.#addresses
  }

  /** The messages that it was given, oldest first; of more than 10,000 the first ones. */
  get heard(): readonly HeardMessage[] {
    return this.#lair.heardMessages
  }

  /** The tricks that were begun, in order. */
  get played(): readonly HostileTrick[] {
    return this.#played
  }

  /** How many links it has now. */
  get links(): number {
    return this.#lair.links.size
  }

  /**
   * Lets itself be dialled at an address of its transport; resolves with what the protocol calls that. Whoever dials is treated
   * decently, until a trick says otherwise.
   * Rejects as the transport's `listen` does.
   */
  async listen(address: string): Promise<string> {
    const { transport } = this.#options
    const listener = await transport.listen(transport.parse(parseAddress(address)), (link) => this.#lair.accept(link))
    this.#listeners.push(listener)
    const bound = formatAddress(listener.address)
    const told = this.#options.wire?.addresses?.format(bound, this.instance, this.name) ?? bound
    this.#addresses = [...this.#addresses, told]
    return told
  }

  /**
   * Plays one trick on one victim, by default the first; resolves when it is done, or the peer was stopped. Its links stay
   * until there is need of room or `stop` is called.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` when there is no such trick, or no victim.
   */
  async play(trick: HostileTrick, target: string | undefined = this.#options.targets[0]): Promise<void> {
    if (!Object.hasOwn(TRICKS, trick)) throw badArgument(`there is no trick '${trick}': HOSTILE_TRICKS names them all`)
    if (target === undefined) throw badArgument('a trick needs a victim: give the peer targets, or play() one')
    this.#played.push(trick)
    const ground = new Ground(this.#lair, target, this.#random.fork(`${this.#played.length} ${trick}`))
    await unlessStopped(TRICKS[trick].play(ground))
  }

  /**
   * Plays one trick after the other on one victim after the other, all drawn from the seed, until the time is over.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` for an option that there is not, and as `play()`.
   */
  async rampage(options: RampageOptions): Promise<void> {
    onlyKnown('rampage()', options, ['forMs', 'tricks', 'pauseMs'])
    const { forMs, tricks, pauseMs = 50 } = options
    const { targets, wire, auth } = this.#options
    const random = this.#random.fork('rampage')
    const choice = tricks ?? tricksFor(wire?.name ?? 'native', auth?.name ?? 'none')
    const untilMs = this.#clock.nowMs() + forMs
    while (!this.#lair.isStopped && this.#clock.nowMs() < untilMs) {
      await this.play(random.pick(choice), random.pick(targets))
      await unlessStopped(this.#lair.pause(random.between(0, pauseMs)))
    }
  }

  /** Ends every trick, link and listener at once; resolves when its addresses are free. Nothing can be played afterwards. */
  async stop(): Promise<void> {
    this.#lair.stop()
    await Promise.all(this.#listeners.splice(0).map((listener) => listener.close()))
  }

  /** As `stop()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #self(): Identity {
    const { name, instance, addresses } = this
    return { name, instance, addresses }
  }
}

async function unlessStopped(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (thrown) {
    if (!(thrown instanceof Stopped)) throw thrown
  }
}

function badArgument(message: string): InkwireError {
  return new InkwireError('INK_BAD_ARGUMENT', message)
}
