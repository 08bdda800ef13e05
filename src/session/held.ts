/**
 * What one connection holds of received messages: from their first byte until their handlers have finished, across links
 * and sessions.
 *
 * It is the one part of law L9 that outlives a link: what a peer may send on any link is the window less what is held.
 */
import { invariant } from '../common/errors.ts'
import type { HeldShare } from '../policies/held-budget.ts'
import type { Budget } from '../policies/policy.ts'
import type { Grant } from '../wire/wire.ts'

/** The part of a window that a link begins with while memory is short. */
const SQUEEZED_PART = 16
const NOTHING: Budget = { messages: 0, bytes: 0 }

export class Held {
  readonly window: Budget
  /** What this connection holds of what its messenger may hold; null: only the window counts. */
  share: HeldShare | null = null
  messages = 0
  bytes = 0

  constructor(window: Budget) {
    this.window = window
  }

  take(bytes: number): void {
    this.messages++
    this.bytes += bytes
    this.share?.add(bytes)
  }

  /** The application is done with a message of this size, or it will never be whole. */
  release(bytes: number): void {
    this.messages--
    this.bytes -= bytes
    this.share?.sub(bytes)
    invariant(this.messages >= 0 && this.bytes >= 0, 'credit comes back once for every message')
  }

  /** A control word came, and is finished: no part of the window, but of what its name may have here unfinished. */
  addWord(): void {
    this.share?.addWord()
  }

  subWord(): void {
    this.share?.subWord()
  }

  get hasManyWords(): boolean {
    return this.share?.hasManyWords === true
  }

  /** True when the window is used up: a peer without credit must not be read any more. */
  get exhausted(): boolean {
    return this.messages >= this.window.messages || this.bytes >= this.window.bytes
  }

  /** True when peers are granted no more than they were, because memory is short. */
  get isTight(): boolean {
    return this.share?.isTight === true
  }

  /** True when there is no memory for anything new. */
  get isFull(): boolean {
    return this.share?.isFull === true
  }

  /** What a peer may send at once when a link begins now. */
  offer(): Grant {
    const messages = this.window.messages - this.messages
    const bytes = this.window.bytes - this.bytes
    return { window: this.window, free: this.#squeezed(Math.max(0, messages), Math.max(0, bytes)) }
  }

  /** Where memory is short a link begins with little, and where there is none with nothing: its control frames are read. */
  #squeezed(messages: number, bytes: number): Budget {
    if (!this.isTight) return { messages, bytes }
    if (this.isFull) return NOTHING
    const part = (most: number): number => Math.ceil(most / SQUEEZED_PART)
    return { messages: Math.min(messages, part(this.window.messages)), bytes: Math.min(bytes, part(this.window.bytes)) }
  }
}
