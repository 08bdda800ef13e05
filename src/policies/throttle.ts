/**
 * How much of all peers of one type may be with handlers at the same time, in messages and bytes.
 *
 * One Throttle is shared by every connection under a policy. A connection takes before it hands a message over and puts
 * back when the handler is finished; when `take` answers false it waits, and is called when there is room. In Ceph such
 * a connection stops reading and tries again by a timer; here nobody polls, and input is read on.
 *
 * What holds:
 * - First come, first served: while somebody waits, only the one whose turn it is takes. Whoever took one message goes
 *   to the end of the line for the next; whoever could not keeps its place. One put calls one waiter, never a herd.
 * - A message larger than the whole byte budget passes alone, when no bytes are out. So whoever waits is waiting for
 *   something that is out, and what is out comes back: no deadlock.
 * - It holds one entry per waiting connection, never more.
 */
import { invariant } from '../common/errors.ts'
import type { Budget } from './policy.ts'

/** Called when there is room. It takes, at once or later, or cancels: the line stands still until then. */
export type ThrottleWaiter = () => void

export class Throttle {
  readonly #budget: Budget
  #messages = 0
  #bytes = 0
  /** In the order of arrival. */
  readonly #line = new Set<ThrottleWaiter>()
  /** The first in line, once it was called and until it takes. */
  #turn: ThrottleWaiter | null = null
  /** The first in line does not fit, and nothing was put back since. */
  #stuck = false
  #calling = false

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** Messages that are out. */
  get messages(): number {
    return this.#messages
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** How many connections wait. */
  get waiting(): number {
    return this.#line.size
  }

  /**
   * Takes one message of this many bytes; false: `wait` for a turn. `waiter` is the function that the taker waits with;
   * without it, a taker passes for the one whose turn it is.
   */
  take(bytes: number, waiter?: ThrottleWaiter): boolean {
    const turn = this.#turn
    if (this.#line.size > 0 && (turn === null || (waiter !== undefined && waiter !== turn))) return false
    this.#turn = null
    if (!this.#fits(bytes)) {
      this.#stuck = turn !== null
      return false
    }
    this.#messages++
    this.#bytes += bytes
    if (turn !== null) {
      this.#line.delete(turn)
      this.#callFirst()
    }
    return true
  }

  /** Gives one message of this many bytes back. Whose turn it is now may be called before this returns. */
  put(bytes: number): void {
    invariant(this.#messages > 0 && this.#bytes >= bytes, 'more was put back into a throttle than was taken')
    this.#messages--
    this.#bytes -= bytes
    this.#stuck = false
    if (this.#line.size > 0) this.#callFirst()
  }

  /**
   * After `take` answered false: calls `waiter` when it is its turn. The same function stands in line once, however
   * often it is given, so a connection keeps one function for this.
   */
  wait(waiter: ThrottleWaiter): void {
    this.#line.add(waiter)
    // All that was out may have come back since `take` answered.
    if (this.#messages === 0) this.#callFirst()
  }

  /** The connection has nothing to take any more, or is gone: `waiter` leaves the line. */
  cancel(waiter: ThrottleWaiter): void {
    const wasFirst = this.#first() === waiter
    this.#line.delete(waiter)
    if (!wasFirst) return
    this.#turn = null
    this.#stuck = false
    this.#callFirst()
  }

  #fits(bytes: number): boolean {
    return this.#messages < this.#budget.messages && (this.#bytes === 0 || this.#bytes + bytes <= this.#budget.bytes)
  }

  #first(): ThrottleWaiter | undefined {
    for (const waiter of this.#line) return waiter
    return undefined
  }

  /** Calls the first in line, and the next if that one takes at once: in a loop, so that no line is too long. */
  #callFirst(): void {
    if (this.#calling) return
    this.#calling = true
    try {
      while (this.#turn === null && !this.#stuck && this.#fits(0)) {
        const first = this.#first()
        if (first === undefined) return
        this.#turn = first
        first()
      }
    } finally {
      this.#calling = false
    }
  }
}
