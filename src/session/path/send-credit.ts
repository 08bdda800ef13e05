/** What the peer lets us send on one link: free-running counters of messages and bytes, from 0. See receive-credit.ts. */
import { invariant } from '../../common/errors.ts'
import type { Budget } from '../../policies/policy.ts'

export class SendCredit {
  #limitMessages: number
  #limitBytes: number
  #usedMessages = 0
  #usedBytes = 0

  constructor(free: Budget) {
    this.#limitMessages = free.messages
    this.#limitBytes = free.bytes
  }

  /** The peer grants up to these totals; older news is ignored. */
  grant(messages: number, bytes: number): void {
    this.#limitMessages = Math.max(this.#limitMessages, messages)
    this.#limitBytes = Math.max(this.#limitBytes, bytes)
  }

  covers(bytes: number): boolean {
    return this.#usedMessages < this.#limitMessages && this.#usedBytes + bytes <= this.#limitBytes
  }

  use(bytes: number): void {
    this.#usedMessages++
    this.#usedBytes += bytes
    invariant(
      this.#usedMessages <= this.#limitMessages && this.#usedBytes <= this.#limitBytes,
      'nothing goes past the credit',
    )
  }

  /** For dumps: what may still be sent. */
  get free(): Budget {
    return { messages: this.#limitMessages - this.#usedMessages, bytes: this.#limitBytes - this.#usedBytes }
  }

  /** All of it as plain data; see Session.save. */
  save() {
    return {
      limitMessages: this.#limitMessages,
      limitBytes: this.#limitBytes,
      usedMessages: this.#usedMessages,
      usedBytes: this.#usedBytes,
    }
  }

  restore(saved: ReturnType<SendCredit['save']>): void {
    this.#limitMessages = saved.limitMessages
    this.#limitBytes = saved.limitBytes
    this.#usedMessages = saved.usedMessages
    this.#usedBytes = saved.usedBytes
  }
}
