/**
 * Keeps large messages from filling the buffers of a link while urgent ones are about.
 *
 * A chunk is the most that an urgent message waits for on this side; behind it lie the buffers of the kernel and the
 * peer, which hold megabytes. So while urgent messages come or go, large ones may only be a window ahead of what the peer
 * is known to have: the peer is asked for an echo now and then, and the window follows how long echoes take. A link that
 * carries nothing urgent is not held back at all.
 */
import { DeliveryWindow } from '../../common/delivery-window.ts'

/** After this long without an urgent message there is nothing to hold back for, in ms. */
const URGENT_MS = 10_000
/** An echo may queue for a millisecond. Each is a write on each side, which costs about a tenth of the bytes between two. */
const TERMS = {
  ...{ bytesMin: 256 * 1024, bytesMax: 256 * 1024 * 1024, queueMs: 1, queueShare: 0 },
  ...{ marks: 16, standingRounds: 1 },
}

export class Pacer {
  #urgentMs: number
  readonly #window = new DeliveryWindow(TERMS)

  /** `urgentMs`: when something urgent went or came last, on a link before. */
  constructor(urgentMs = -Infinity) {
    this.#urgentMs = urgentMs
  }

  /** An urgent message goes or came. */
  urgent(nowMs: number): void {
    this.#urgentMs = nowMs
  }

  /** True when a large message must wait for an echo. `sentBytes` is all that this link was given. */
  holds(sentBytes: number, nowMs: number): boolean {
    if (!this.#window.isMeasuring || !this.#paces(nowMs)) return false
    return this.#window.isFull(sentBytes - this.#window.deliveredBytes)
  }

  /** After a part of a large message: true when the peer is to be asked for an echo of `sentBytes`, which is then expected. */
  asks(sentBytes: number, nowMs: number): boolean {
    return this.#paces(nowMs) && this.#window.mark(sentBytes, nowMs)
  }

  /** The peer has everything up to here. What was never asked for changes nothing. */
  echo(bytes: number, nowMs: number): void {
    this.#window.delivered(bytes, nowMs)
  }

  #paces(nowMs: number): boolean {
    return nowMs - this.#urgentMs < URGENT_MS
  }
}
