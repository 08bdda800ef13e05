/**
 * Calls, measured: how long each kind took on either side, and how it ended.
 *
 * Limit: 128 kinds, sides and outcomes together; more are counted as `(others)`. A peer chooses none of these names: calls that
 * nobody serves here begin no handler, and so are not followed.
 */
import type { CallFollower, WatchedCall, WatchedFailure } from '../index.ts'
import { Histogram } from './histogram.ts'
import { OTHERS } from './totals.ts'

export interface CallTimes {
  readonly call: string
  readonly side: WatchedCall['side']
  /** `well`, or the reason of the CallError. */
  readonly outcome: string
  readonly times: Histogram
}

/** A call that has ended. */
export interface EndedCall {
  readonly call: WatchedCall
  readonly tookMs: number
  readonly failure: WatchedFailure | null
}

const KINDS_MAX = 128

export class Calls {
  readonly #all = new Map<string, CallTimes>()
  readonly #nowMs: () => number
  readonly #told: (ended: EndedCall) => void
  /** Calls that run now, by side. */
  readonly running = { asked: 0, served: 0 }

  constructor(nowMs: () => number, told: (ended: EndedCall) => void) {
    this.#nowMs = nowMs
    this.#told = told
  }

  /** The slowest kinds first would need a sort by whoever shows them; here they are in the order in which they came. */
  get all(): readonly CallTimes[] {
    return [...this.#all.values()]
  }

  began(call: WatchedCall): CallFollower {
    const fromMs = this.#nowMs()
    this.running[call.side]++
    return {
      ended: (failure) => {
        this.running[call.side]--
        const tookMs = Math.max(0, this.#nowMs() - fromMs)
        this.#times(call, failure?.reason ?? 'well').add(tookMs)
        this.#told({ call, tookMs, failure })
      },
    }
  }

  #times({ side, callName }: WatchedCall, outcome: string): Histogram {
    const key = `${side} ${outcome} ${callName}`
    const known = this.#all.get(key)
    if (known !== undefined) return known.times
    if (this.#all.size >= KINDS_MAX && callName !== OTHERS) {
      return this.#times({ side, callName: OTHERS } as WatchedCall, 'any')
    }
    const times = new Histogram()
    this.#all.set(key, { call: callName, side, outcome, times })
    return times
  }
}
