/**
 * Flow control by credit: free-running counters of messages and bytes, of one link, from 0.
 *
 * Law L9: what is in flight, what is held by the receiver's application and what is free make up the window, always.
 * The receiver grants `taken + window - held`; the sender never passes what was granted. Duplicates take credit like any
 * message and give it back at once. Credit returns when the *handler* has finished, not when a message arrived. One link at a
 * time has credit: one that is agreed on beside another begins with none, because what is late on the other may still come.
 */
import { invariant } from '../../common/errors.ts'
import type { Budget } from '../../policies/policy.ts'
import type { Held } from '../held.ts'

/** What we let the peer send. */
export class ReceiveCredit {
  readonly #held: Held
  readonly #enforced: boolean
  #takenMessages = 0
  #takenBytes = 0
  #toldMessages: number
  #toldBytes: number

  /**
   * `free` is what the peer was offered. `enforced` false: it knows no credit; only a message above the whole window is
   * refused.
   */
  constructor(held: Held, free: Budget, enforced = true) {
    this.#held = held
    this.#enforced = enforced
    this.#toldMessages = free.messages
    this.#toldBytes = free.bytes
    const { messages, bytes } = this.limit
    const fits = free.messages <= messages && free.bytes <= bytes
    invariant(fits || !enforced, 'what is held and what may come are one window at most')
  }

  /** A message of this size arrives. False: the peer had no credit for it. */
  take(bytes: number, duplicate: boolean): boolean {
    if (this.#enforced ? !this.#covers(bytes) : bytes > this.#held.window.bytes) return false
    this.#takenMessages++
    this.#takenBytes += bytes
    if (!duplicate) this.#held.take(bytes)
    return true
  }

  #covers(bytes: number): boolean {
    return this.#takenMessages < this.#toldMessages && this.#takenBytes + bytes <= this.#toldBytes
  }

  /**
   * True when the link must not be read: where there is no credit, because the window is full; else because memory is, and
   * the peer may still send. One without any credit left can send no message, so its acks are read on: handlers may wait for
   * them.
   */
  get mustWait(): boolean {
    if (!this.#enforced) return this.#held.exhausted || this.#held.isFull
    return this.#toldMessages > this.#takenMessages && this.#held.isFull
  }

  /** What the peer may send in total on this link. */
  get limit(): Budget {
    const { window, messages, bytes } = this.#held
    return {
      messages: this.#takenMessages + window.messages - messages,
      bytes: this.#takenBytes + window.bytes - bytes,
    }
  }

  /** What the peer may still send of what it was told. */
  get granted(): Budget {
    return { messages: this.#toldMessages - this.#takenMessages, bytes: this.#toldBytes - this.#takenBytes }
  }

  /** What the peer was told that it may send in total on this link. */
  get told(): Budget {
    return { messages: this.#toldMessages, bytes: this.#toldBytes }
  }

  /** True when a quarter of the window is free and the peer does not know it. */
  get worthTelling(): boolean {
    const { window, messages, bytes, isTight } = this.#held
    const moreMessages = this.#takenMessages + window.messages - messages - this.#toldMessages
    const moreBytes = this.#takenBytes + window.bytes - bytes - this.#toldBytes
    return (moreMessages * 4 >= window.messages || moreBytes * 4 >= window.bytes) && !isTight
  }

  /** True when the peer may send more than it knows. */
  get untold(): boolean {
    const { messages, bytes } = this.limit
    return (messages > this.#toldMessages || bytes > this.#toldBytes) && !this.#held.isTight
  }

  /**
   * What the peer may send goes out now. What was granted once stays granted: only where the peer knows no credit can the
   * limit lie below it.
   */
  tell(): Budget {
    if (!this.#held.isTight) {
      const { messages, bytes } = this.limit
      this.#toldMessages = Math.max(this.#toldMessages, messages)
      this.#toldBytes = Math.max(this.#toldBytes, bytes)
    }
    return this.told
  }

  /** All of it as plain data; see Session.save. */
  save() {
    return {
      takenMessages: this.#takenMessages,
      takenBytes: this.#takenBytes,
      toldMessages: this.#toldMessages,
      toldBytes: this.#toldBytes,
    }
  }

  restore(saved: ReturnType<ReceiveCredit['save']>): void {
    this.#takenMessages = saved.takenMessages
    this.#takenBytes = saved.takenBytes
    this.#toldMessages = saved.toldMessages
    this.#toldBytes = saved.toldBytes
  }
}
