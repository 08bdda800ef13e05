/**
 * What shall go wrong on a transport, and when: breakpoints by frame, and chance.
 *
 * A plan belongs to one transport (see `faulty`) and may be changed at any time while a messenger uses it. Occurrences
 * are counted over all links of the transport, from the first byte on, whether a breakpoint is set or not.
 *
 * @example
 * const plan = new FaultPlan()
 * const osd = new Messenger({ name: 'osd.0', policies, transports: [faulty(tcp(), plan)] })
 * plan.at('MESSAGES write', 'fault', { nth: 2 })   // the link breaks instead of writing the second run of messages
 * plan.sometimes({ failEvery: 30, delayProbability: 0.1, delayMaxMs: 5 })
 */
import { InkwireError } from '../../common/errors.ts'
import { onlyKnown, optionObject } from '../../common/options.ts'
import { nodeRuntime } from '../../messenger/runtime.ts'
import type { Clock } from '../../messenger/runtime.ts'
import type { FrameName } from './frame-tap.ts'
import { seededRandom } from '../simulator/random.ts'
import type { SeededRandom } from '../simulator/random.ts'

/** Where something can happen: before a dial or an accept, and before each frame in each direction. */
export type Breakpoint = 'dial' | 'accept' | `${FrameName} ${'read' | 'write'}`

/**
 * - `continue`: nothing; for counting.
 * - `fault`: the link breaks instead.
 * - `stall`: it happens, then the other side sees the end of the link; this side sees nothing more until `release`.
 * - `block`: nothing passes in this direction, from here on, until `release`.
 */
export type FaultAction = 'continue' | 'fault' | 'stall' | 'block'

/** Faults by chance, like Ceph's `ms_inject_socket_failures` and `ms_inject_internal_delays`. */
export interface ChanceOfFaults {
  /** One in so many reads and writes breaks its link; 0: none. */
  readonly failEvery?: number | undefined
  /** How often a read or write is delayed, and for how long at most, in ms. */
  readonly delayProbability?: number | undefined
  readonly delayMaxMs?: number | undefined
}

/** Options of `new FaultPlan()`. */
export interface FaultPlanOptions {
  /** Of the chance; default 0. */
  readonly seed?: number | string | undefined
  /** Of the delays; default Node's. Give the simulation's clock on a simulated network. */
  readonly clock?: Clock | undefined
}

interface Rule {
  readonly point: Breakpoint
  readonly action: FaultAction
  readonly nth: number
  state: 'waiting' | 'hit'
}

interface Waiter {
  readonly point: Breakpoint | undefined
  readonly resolve: () => void
}

/** What shall go wrong on a transport, and when: breakpoints by frame, and chance. Give it to `faulty()`. */
export class FaultPlan {
  readonly clock: Clock
  readonly #random: SeededRandom
  readonly #rules: Rule[] = []
  readonly #counts = new Map<Breakpoint, number>()
  readonly #held = new Map<() => void, Breakpoint>()
  #waiting: readonly Waiter[] = []
  #chance: ChanceOfFaults = {}

  constructor(options: FaultPlanOptions = {}) {
    optionObject('new FaultPlan()', options, ['seed', 'clock'])
    this.clock = options.clock ?? nodeRuntime.clock
    this.#random = seededRandom(options.seed ?? 0)
  }

  /**
   * Sets a breakpoint: the `nth` time from now on (default: the next), `action` happens there, once. Throws
   * `INK_BAD_ARGUMENT`.
   */
  at(point: Breakpoint, action: FaultAction, options: { readonly nth?: number } = {}): this {
    onlyKnown('at()', options, ['nth'])
    const { nth = 1 } = options
    if (!Number.isInteger(nth) || nth < 1) throw new InkwireError('INK_BAD_ARGUMENT', 'nth is a whole number from 1')
    this.#rules.push({ point, action, nth: this.count(point) + nth, state: 'waiting' })
    return this
  }

  /** Faults by chance, until told otherwise. Throws `INK_BAD_ARGUMENT`. */
  sometimes(chance: ChanceOfFaults): this {
    onlyKnown('sometimes()', chance, ['failEvery', 'delayProbability', 'delayMaxMs'])
    this.#chance = chance
    return this
  }

  /** Takes back every breakpoint and chance, and releases what is held. */
  clear(): void {
    this.#rules.length = 0
    this.#chance = {}
    this.release()
  }

  /** How often a breakpoint was passed. */
  count(point: Breakpoint): number {
    return this.#counts.get(point) ?? 0
  }

  /** Breakpoints that nothing has reached: a test that meant to hit them did not test what it says. */
  get unhit(): readonly Breakpoint[] {
    return this.#rules.filter(({ state }) => state === 'waiting').map(({ point }) => point)
  }

  /** Resolves when something is held, at this breakpoint or at any. */
  held(point?: Breakpoint): Promise<void> {
    if ([...this.#held.values()].some((at) => point === undefined || at === point)) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting = [...this.#waiting, { point, resolve }]
    })
  }

  /** Lets everything go on that is held, at this breakpoint or at all. */
  release(point?: Breakpoint): void {
    for (const [resume, at] of [...this.#held]) {
      if (point !== undefined && at !== point) continue
      this.#held.delete(resume)
      resume()
    }
  }

  // What links ask. Internal to the room.

  /** @internal something is about to happen */
  decide(point: Breakpoint): FaultAction {
    const count = this.count(point) + 1
    this.#counts.set(point, count)
    const rule = this.#rules.find((one) => one.state === 'waiting' && one.point === point && one.nth === count)
    if (rule === undefined) return 'continue'
    rule.state = 'hit'
    return rule.action
  }

  /** @internal true when this read or write breaks its link by chance */
  breaks(): boolean {
    const { failEvery = 0 } = this.#chance
    return failEvery > 0 && this.#random.chance(1 / failEvery)
  }

  /** @internal how long this read or write waits by chance, in ms */
  delayMs(): number {
    const { delayProbability = 0, delayMaxMs = 0 } = this.#chance
    return delayProbability > 0 && this.#random.chance(delayProbability) ? this.#random.between(0, delayMaxMs) : 0
  }

  /** @internal calls `resume` at the next release */
  hold(point: Breakpoint, resume: () => void): void {
    this.#held.set(resume, point)
    const now = this.#waiting.filter((waiter) => waiter.point === undefined || waiter.point === point)
    this.#waiting = this.#waiting.filter((waiter) => !now.includes(waiter))
    for (const { resolve } of now) resolve()
  }

  /** @internal the link of `resume` is over */
  forget(resume: () => void): void {
    this.#held.delete(resume)
  }
}
