/**
 * How much one side has accepted to send and is not done with, against its limit (`policy.replay`).
 *
 * Above the high-water mark a sender should wait; half of that is where who waits goes on; the limit itself is hard.
 */
import type { Budget } from '../policies/policy.ts'

export class Backlog {
  messages = 0
  bytes = 0
  readonly #limit: Budget
  /** The part of the limit from which on a sender should wait. */
  readonly #highWater: number

  constructor(limit: Budget, highWater: number) {
    this.#limit = limit
    this.#highWater = highWater
  }

  /** True when one more message of this size would pass the hard limit; one that is alone always fits. */
  isFull(bytes: number): boolean {
    return this.messages + 1 > this.#limit.messages || (this.messages > 0 && this.bytes + bytes > this.#limit.bytes)
  }

  /** True when there are so many messages more than the limit allows; for control words that go among them. */
  isBeyond(messages: number): boolean {
    return this.messages >= this.#limit.messages + messages
  }

  get aboveHighWater(): boolean {
    return this.messages >= this.#limit.messages * this.#highWater || this.bytes >= this.#limit.bytes * this.#highWater
  }

  /** Half of the high-water mark: where `drained()` lets go. */
  get belowLowWater(): boolean {
    const { messages, bytes } = this.#limit
    return this.messages * 2 <= messages * this.#highWater && this.bytes * 2 <= bytes * this.#highWater
  }

  add(bytes: number): void {
    this.messages++
    this.bytes += bytes
  }

  remove(messages: number, bytes: number): void {
    this.messages -= messages
    this.bytes -= bytes
  }

  clear(): void {
    this.messages = 0
    this.bytes = 0
  }
}
