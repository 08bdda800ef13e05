/**
 * How a call failed, for its caller; and how a handler says that it fails.
 *
 * One class for both: what a handler throws is what its caller gets, with its code and words, bounded.
 */
import { isBranded } from '../common/brand.ts'
import type { CallFailure, CallReason } from './machine/words.ts'

export type { CallReason } from './machine/words.ts'

const BRAND = Symbol.for('inkwire.callError')

/** What else is known of a failed call. */
export interface CallErrorOptions {
  /** What led to it; it stays in this process. Default: nothing. */
  readonly cause?: unknown
  /** When the call may be tried again, in ms, 0 or more; default 0: nothing is said. */
  readonly retryAfterMs?: number
}

/** A failed call. Handlers throw it with a code of their own: `throw new CallError('ENOENT', 'no such object')`. */
export class CallError extends Error {
  /** The code of the handler's error (`ENOENT`); else Inkwire's (`BUSY`, `DEADLINE`, `INK_…`), or ''. At most 64 bytes. */
  readonly code: string
  /**
   * Who ended the call: the caller (`cancelled-local`), the handler's side (`cancelled-remote`), the time (`deadline`), the session
   * (`disconnected`), a peer or connection that takes no calls (`refused`), a limit (`quota`), the lack of a handler
   * (`unhandled`), an error of the handler (`handler-error`), or words that are none (`protocol`).
   */
  readonly reason: CallReason
  /** True exactly when the handler may have run, or has. False: it has not, and will not. */
  readonly indeterminate: boolean
  /** When the call may be tried again, in ms; 0: nothing is said. */
  readonly retryAfterMs: number

  /** As a handler throws it: the caller's `reason` is `handler-error`. */
  constructor(code: string, message = code, options: CallErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'CallError'
    this.code = code
    this.reason = 'handler-error'
    this.indeterminate = true
    this.retryAfterMs = options.retryAfterMs ?? 0
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** True also for a `CallError` of another installation of the package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isBranded(value, BRAND)
  }

  /** @internal As its caller gets it. */
  static of(name: string, failure: CallFailure, cause?: unknown): CallError {
    const { reason, code, detail, indeterminate, retryAfterMs } = failure
    const ran =
      reason === 'handler-error' ? '' : indeterminate ? ' (its handler may have run)' : ' (its handler has not run)'
    const error = new CallError(code, `${name}: ${reason}${ran}: ${detail}`, cause === undefined ? {} : { cause })
    return Object.assign(error, { reason, indeterminate, retryAfterMs })
  }
}
