/**
 * How much of all peers of one type may be with handlers at the same time, in messages and bytes.
 *
 * One Throttle is shared by every connection under a policy. A connection takes before it hands a message over and puts
 * back when the handler is finished; when `take` answers false it waits, and is called when something was put back. In
 * Ceph such a connection stops reading and tries again by a timer; here nobody polls, and input is read on.
 *
 * What holds:
 * - First come, first served: while somebody waits, nobody else takes. Who is called and cannot take even one message
 *   keeps its place; who took some goes to the end.
 * - A message larger than the whole byte budget passes alone, when no bytes are out. So whoever waits is waiting for
 *   something that is out, and what is out comes back: no deadlock.
 * - It holds one entry per waiting connection, never more.
 */
import { invariant } from '../common/errors.ts'
import type { Budget } from './policy.ts'

/** Called when it may be possible to take. Must not throw. */
export type ThrottleWaiter = () => void

export class Throttle {
  readonly #budget: Budget
  #messages = 0
  #bytes = 0
  /** In the order of arrival. */
  readonly #waiters = new Set<ThrottleWaiter>()
  /** Whose turn it is to take, and what it did with it. */
  #turn: ThrottleWaiter | null = null
  #turnTook = false
  #turnRefused = false
  #turnWaits = false
  #waking = false
  #putWhileWaking = false

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** What is out now. */
  get messages(): number {
    return this.#messages
  }

  get bytes(): number {
    return this.#bytes
  }

  /** How many connections wait. */
  get waiting(): number {
    return this.#waiters.size
  }

  /** Takes one message of this many bytes; false: `wait` for a turn. */
  take(bytes: number): boolean {
    if ((this.#waiters.size > 0 && this.#turn === null) || !this.#fits(bytes)) {
      this.#turnRefused = true
      return false
    }
    this.#turnTook = true
    this.#messages++
    this.#bytes += bytes
    return true
  }

  /** Gives one message of this many bytes back. Who waits is called before this returns. */
  put(bytes: number): void {
    invariant(this.#messages > 0 && this.#bytes >= bytes, 'more was put back into a throttle than was taken')
    this.#messages--
    this.#bytes -= bytes
    if (this.#waking) this.#putWhileWaking = true
    else if (this.#waiters.size > 0) this.#wake()
  }

  /**
   * Right after `take` answered false: calls `waiter` once, when it is its turn. The same function waits once, however
   * often it is given, so a connection keeps one function for this.
   */
  wait(waiter: ThrottleWaiter): void {
    if (waiter === this.#turn) this.#turnWaits = true
    else this.#waiters.add(waiter)
  }

  /** The connection is gone: `waiter` is not called any more, and the next one gets its chance. */
  cancel(waiter: ThrottleWaiter): void {
    if (waiter === this.#turn) this.#turnWaits = false
    const wasFirst = this.#first() === waiter
    this.#waiters.delete(waiter)
    if (!wasFirst || this.#waiters.size === 0) return
    if (this.#waking) this.#putWhileWaking = true
    else this.#wake()
  }

  #fits(bytes: number): boolean {
    if (this.#messages >= this.#budget.messages) return false
    return this.#bytes === 0 || this.#bytes + bytes <= this.#budget.bytes
  }

  #first(): ThrottleWaiter | undefined {
    for (const waiter of this.#waiters) return waiter
    return undefined
  }

  /** Handlers may finish, and so put back, inside a turn: then there is another round, not a deeper one. */
  #wake(): void {
    this.#waking = true
    try {
      do {
        this.#putWhileWaking = false
        this.#round()
      } while (this.#putWhileWaking)
    } finally {
      this.#waking = false
      this.#turn = null
    }
  }

  /** Gives each waiter one turn, until one cannot take even one message. */
  #round(): void {
    for (let left = this.#waiters.size; left > 0; left--) {
      const first = this.#first()
      if (first === undefined || !this.#giveTurn(first)) return
    }
  }

  /** False when the waiter could not take even one message and waits on; it stays first then. */
  #giveTurn(waiter: ThrottleWaiter): boolean {
    this.#turn = waiter
    this.#turnTook = false
    this.#turnRefused = false
    this.#turnWaits = false
    waiter()
    this.#turn = null
    if (this.#turnWaits && this.#turnRefused && !this.#turnTook) return false
    this.#waiters.delete(waiter)
    if (this.#turnWaits) this.#waiters.add(waiter)
    return true
  }
}
