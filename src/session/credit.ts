/**
 * Flow control by credit, both sides: free-running counters of messages and bytes, per link, from 0.
 *
 * Law L9: what is in flight, what is held by the receiver's application and what is free make up the window, always.
 * The receiver grants `taken + window - held`; the sender never passes what was granted. Duplicates take credit like any
 * message and give it back at once. Credit returns when the *handler* has finished, not when a message arrived.
 */
import { invariant } from '../common/errors.ts'
import type { HeldShare } from '../policies/held-budget.ts'
import type { Budget } from '../policies/policy.ts'
import type { Grant } from '../wire/wire.ts'

/** What the peer lets us send. */
export class SendCredit {
  /** The largest message that the peer can ever take, in bytes; Infinity while unknown. */
  messageBytesMax = Infinity
  #limitMessages = 0
  #limitBytes = 0
  #usedMessages = 0
  #usedBytes = 0

  /** A link begins. */
  begin(grant: Grant): void {
    this.messageBytesMax = grant.window.bytes
    this.#limitMessages = grant.free.messages
    this.#limitBytes = grant.free.bytes
    this.#usedMessages = 0
    this.#usedBytes = 0
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
      messageBytesMax: this.messageBytesMax,
      limitMessages: this.#limitMessages,
      limitBytes: this.#limitBytes,
      usedMessages: this.#usedMessages,
      usedBytes: this.#usedBytes,
    }
  }

  restore(saved: ReturnType<SendCredit['save']>): void {
    this.messageBytesMax = saved.messageBytesMax
    this.#limitMessages = saved.limitMessages
    this.#limitBytes = saved.limitBytes
    this.#usedMessages = saved.usedMessages
    this.#usedBytes = saved.usedBytes
  }
}

/** The part of a window that a link begins with while memory is short. */
const SQUEEZED_PART = 16

/** What we let the peer send. */
export class ReceiveCredit {
  readonly window: Budget
  /** What this connection holds of what its messenger may hold; null: only the window counts. */
  held: HeldShare | null = null
  /** With the application, or waiting for it; counted across links and sessions. */
  heldMessages = 0
  heldBytes = 0
  #takenMessages = 0
  #takenBytes = 0
  #toldMessages = 0
  #toldBytes = 0
  readonly #enforced: boolean

  /** `enforced` false: the peer knows no credit; only a message above the whole window is refused. */
  constructor(window: Budget, enforced = true) {
    this.window = window
    this.#enforced = enforced
  }

  /**
   * What a peer may send at once when a link begins now. `beside` an open link that carries another session, whatever
   * was granted there may still come, and is not granted twice.
   */
  offer(beside: boolean): Grant {
    const messages = this.window.messages - this.heldMessages - (beside ? this.#toldMessages - this.#takenMessages : 0)
    const bytes = this.window.bytes - this.heldBytes - (beside ? this.#toldBytes - this.#takenBytes : 0)
    return { window: this.window, free: this.#squeezed(Math.max(0, messages), Math.max(0, bytes)) }
  }

  /** Where memory is short a link begins with little, and where there is none with nothing: its control frames are read. */
  #squeezed(messages: number, bytes: number): Budget {
    const { held, window } = this
    if (held?.isTight !== true) return { messages, bytes }
    if (held.isFull) return { messages: 0, bytes: 0 }
    const part = (most: number): number => Math.ceil(most / SQUEEZED_PART)
    return { messages: Math.min(messages, part(window.messages)), bytes: Math.min(bytes, part(window.bytes)) }
  }

  /** A link begins; `free` is what its peer was offered. */
  begin(free: Budget): void {
    this.#takenMessages = 0
    this.#takenBytes = 0
    this.#toldMessages = free.messages
    this.#toldBytes = free.bytes
  }

  /** A message of this size arrives. False: the peer had no credit for it. */
  take(bytes: number, duplicate: boolean): boolean {
    if (this.#enforced ? !this.#covers(bytes) : bytes > this.window.bytes) return false
    this.#takenMessages++
    this.#takenBytes += bytes
    if (!duplicate) {
      this.heldMessages++
      this.heldBytes += bytes
      this.held?.add(bytes)
    }
    return true
  }

  #covers(bytes: number): boolean {
    return this.#takenMessages < this.#toldMessages && this.#takenBytes + bytes <= this.#toldBytes
  }

  /** True when the window is used up: a peer without credit must not be read any more. */
  get exhausted(): boolean {
    return this.heldMessages >= this.window.messages || this.heldBytes >= this.window.bytes
  }

  /**
   * True when memory is used up and the peer may still send: it must not be read. One without any credit left can send no
   * message, so its acks are read on: handlers may wait for them.
   */
  get mustWait(): boolean {
    if (this.#enforced && this.#toldMessages <= this.#takenMessages) return false
    return this.held?.isFull === true
  }

  /** The application is done with a message of this size. */
  release(bytes: number): void {
    this.heldMessages--
    this.heldBytes -= bytes
    this.held?.sub(bytes)
    invariant(this.heldMessages >= 0 && this.heldBytes >= 0, 'credit comes back once for every message')
  }

  /** What the peer may send in total on this link. */
  get limit(): Budget {
    return {
      messages: this.#takenMessages + this.window.messages - this.heldMessages,
      bytes: this.#takenBytes + this.window.bytes - this.heldBytes,
    }
  }

  /** For dumps: what the peer may still send of what it was told. */
  get granted(): Budget {
    return { messages: this.#toldMessages - this.#takenMessages, bytes: this.#toldBytes - this.#takenBytes }
  }

  /** What the peer was told that it may send in total on this link. */
  get told(): Budget {
    return { messages: this.#toldMessages, bytes: this.#toldBytes }
  }

  /** True when a quarter of the window is free and the peer does not know it. */
  get worthTelling(): boolean {
    const messages = this.#takenMessages + this.window.messages - this.heldMessages - this.#toldMessages
    const bytes = this.#takenBytes + this.window.bytes - this.heldBytes - this.#toldBytes
    return (messages * 4 >= this.window.messages || bytes * 4 >= this.window.bytes) && this.held?.isTight !== true
  }

  /** True when the peer may send more than it knows. */
  get untold(): boolean {
    const { messages, bytes } = this.limit
    return (messages > this.#toldMessages || bytes > this.#toldBytes) && this.held?.isTight !== true
  }

  /**
   * What the peer may send goes out now. What was granted once stays granted: the limit lies below it while messages
   * are here that the peer will send again.
   */
  tell(): Budget {
    if (this.held?.isTight === true) return { messages: this.#toldMessages, bytes: this.#toldBytes }
    const { messages, bytes } = this.limit
    this.#toldMessages = Math.max(this.#toldMessages, messages)
    this.#toldBytes = Math.max(this.#toldBytes, bytes)
    return this.told
  }

  /** All of it as plain data; see Session.save. */
  save() {
    return {
      heldMessages: this.heldMessages,
      heldBytes: this.heldBytes,
      takenMessages: this.#takenMessages,
      takenBytes: this.#takenBytes,
      toldMessages: this.#toldMessages,
      toldBytes: this.#toldBytes,
    }
  }

  restore(saved: ReturnType<ReceiveCredit['save']>): void {
    this.heldMessages = saved.heldMessages
    this.heldBytes = saved.heldBytes
    this.#takenMessages = saved.takenMessages
    this.#takenBytes = saved.takenBytes
    this.#toldMessages = saved.toldMessages
    this.#toldBytes = saved.toldBytes
  }
}
