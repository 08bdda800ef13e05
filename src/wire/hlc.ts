/**
 * A hybrid logical clock: wall time that never runs backwards and never contradicts what was heard from others.
 *
 * A stamp is (ms, counter), 48 and 16 bits, and stamps order by ms, then counter. What happened before has the smaller
 * stamp, on one node and across nodes, whatever their wall clocks do. A counter that overflows borrows a millisecond.
 * Pure and free of allocation: the caller brings the time, and reads the stamp from `ms` and `counter`.
 *
 * Limit: a peer whose clock is more than `maxDriftMs` ahead is not followed, so that one broken clock cannot drag the
 * whole cluster into the future.
 */
const COUNTER_MAX = 0xffff

/** How far ahead of this node's wall clock another one may be, unless told otherwise. */
export const MAX_DRIFT_MS = 500

export class HybridClock {
  #ms = 0
  #counter = 0
  readonly #maxDriftMs: number

  constructor(maxDriftMs: number = MAX_DRIFT_MS) {
    this.#maxDriftMs = maxDriftMs
  }

  /** Whole milliseconds since 1970 of the last stamp. */
  get ms(): number {
    return this.#ms
  }

  /** 0 to 65535; tells stamps of one millisecond apart. */
  get counter(): number {
    return this.#counter
  }

  /** No stamp is below this one, as a process before this one has promised. */
  startAt(ms: number): void {
    if (ms > this.#ms) this.#set(Math.ceil(ms), 0)
  }

  /** Something happens here: moves to the next stamp. */
  tick(nowMs: number): void {
    const now = Math.floor(nowMs)
    if (now > this.#ms) this.#set(now, 0)
    else this.#set(this.#ms, this.#counter + 1)
  }

  /** A stamp was received: moves past both. False, and nothing moves, when it is too far ahead of the wall clock. */
  merge(ms: number, counter: number, nowMs: number): boolean {
    const now = Math.floor(nowMs)
    if (ms - now > this.#maxDriftMs) return false
    if (now > this.#ms && now > ms) this.#set(now, 0)
    else if (ms > this.#ms) this.#set(ms, counter + 1)
    else if (ms === this.#ms) this.#set(ms, Math.max(counter, this.#counter) + 1)
    else this.#set(this.#ms, this.#counter + 1)
    return true
  }

  #set(ms: number, counter: number): void {
    const carry = counter > COUNTER_MAX
    this.#ms = carry ? ms + 1 : ms
    this.#counter = carry ? 0 : counter
  }
}
