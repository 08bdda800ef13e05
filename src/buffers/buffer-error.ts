/** How a transfer failed: why, and which bytes are where they belong all the same. */
import { isBranded } from '../common/brand.ts'
import type { Range } from './machine/claims.ts'

/**
 * `stale`: the buffer was unregistered. `denied`: the reference is not genuine, or does not allow this, or not to this peer. `expired`: its
 * time or its uses are up. `gone`: the owner is another process by now. `disconnected`: the owner cannot be reached, or the session
 * was lost. `out-of-range`: bytes that the reference does not cover. `quota`: a limit of the owner, or of who passes it on.
 * `cancelled`: the caller's signal or time. `failed`: reading or writing failed, here or there, or the peer broke the protocol.
 */
export type BufferReason =
  'stale' | 'denied' | 'expired' | 'gone' | 'disconnected' | 'out-of-range' | 'quota' | 'cancelled' | 'failed'

const BRAND = Symbol.for('inkwire.bufferError')
const NOTHING: readonly Range[] = Object.freeze([])

/** What is known of a transfer that failed. */
export interface BufferErrorOptions {
  /** What led to it. Default: nothing. */
  readonly cause?: unknown
  /** What of the transfer is in place, in bytes of the buffer. Default: nothing. */
  readonly placed?: readonly Range[] | undefined
  /** What may or may not be in place. Default null: nothing. */
  readonly uncertain?: Range | null | undefined
}

/** A failed transfer. Offsets are those of the whole buffer. */
export class BufferError extends Error {
  readonly reason: BufferReason
  /** What was moved, and will not change any more by this transfer: a transfer of the rest goes on from here. */
  readonly placed: readonly Range[]
  /** Of a `send()`: what may have been written, as nobody could say so; null: nothing. Writing it again does no harm. */
  readonly uncertain: Range | null

  constructor(reason: BufferReason, message: string, options: BufferErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'BufferError'
    this.reason = reason
    this.placed = options.placed ?? NOTHING
    this.uncertain = options.uncertain ?? null
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** True also for a `BufferError` of another installation of the package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isBranded(value, BRAND)
  }
}
