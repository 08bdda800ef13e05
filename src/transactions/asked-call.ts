/**
 * A call as its caller has it: the machine's half with the caller's promise, its signal and its codec. One object for all of it.
 */
import { onAbort } from '../common/abort.ts'
import { wordsOf } from '../common/errors.ts'
import type { CallType, Reply } from '../messenger/calls.ts'
import type { MessageFate } from '../common/errors.ts'
import { atOnce } from '../common/user-code.ts'
import type { Settle } from '../wire/message.ts'
import { CallError } from './call-error.ts'
import { Asked, type AskedOwner, type CallKind, type SentMessage } from './machine/half.ts'
import type { InRecord } from './machine/incoming.ts'
import type { SessionCalls } from './session-calls.ts'
import type { CallFailure, CallReason, CallVerdict } from './machine/words.ts'
import type { Following } from './watch.ts'

export type AnyCall = CallType<unknown, unknown, never, never>

export abstract class AskedCall extends Asked implements AskedOwner, Settle {
  readonly owner = this
  readonly calls: SessionCalls
  readonly call: AnyCall
  /** Who watches it; null: nobody. */
  following: Following | null = null
  #release: (() => void) | null = null
  #held: { release(): void } | null = null

  constructor(calls: SessionCalls, call: AnyCall, kind: CallKind, lane: number) {
    super(kind, lane)
    this.calls = calls
    this.call = call
  }

  /** Waits on the caller's signal; an orderly end waits for the call. */
  attach(signal: AbortSignal | undefined): void {
    if (this.phase === 'gone') return
    this.#held = this.calls.session
    this.calls.session?.hold()
    if (signal !== undefined) {
      this.#release = onAbort(signal, () => {
        this.calls.exchange.giveUp(this, 'cancelled-local', whyOf(signal), this.calls.nowMs)
      })
    }
  }

  acked(): void {
    this.calls.acked(this)
  }

  failed(fate: MessageFate, reason: Error, message: SentMessage): void {
    this.calls.failed(this, message, fate, reason)
  }

  onReply({ front, data }: InRecord): void {
    this.detach()
    let body: unknown
    try {
      body = atOnce(this.call.reply.decode(front), 'decode()')
    } catch (cause) {
      const detail = `the reply does not decode: ${wordsOf(cause)}`
      const failure: CallFailure = {
        reason: 'protocol',
        code: 'INK_DECODE_FAILED',
        detail,
        indeterminate: true,
        retryAfterMs: 0,
      }
      this.following?.ended(failure)
      this.rejected(CallError.of(this.call.callName, failure, cause))
      return
    }
    this.following?.ended(null)
    this.resolved({ body, data })
  }

  onFailure(failure: CallFailure): void {
    this.detach()
    this.following?.ended(failure)
    this.rejected(this.error(failure))
  }

  protected error(failure: CallFailure): CallError {
    return CallError.of(this.call.callName, failure)
  }

  protected abstract resolved(reply: Reply<unknown>): void
  protected abstract rejected(error: CallError): void

  onReadable(): void {
    // Nobody reads parts.
  }

  onBroken(_detail: string): void {
    // Nobody reads parts.
  }

  onUnwanted(): void {
    // Nobody sends parts.
  }

  onWritable(): void {
    // Nobody sends parts.
  }

  onVerdict(_verdict: CallVerdict): void {
    // Nobody waits for it.
  }

  protected detach(): void {
    this.#release?.()
    this.#held?.release()
    this.#release = this.#held = null
  }
}

/** A call with one request and one reply. */
export class UnaryCall extends AskedCall {
  #resolve: ((reply: Reply<never>) => void) | null = null
  #reject: ((error: Error) => void) | null = null

  settle(resolve: (reply: Reply<never>) => void, reject: (error: Error) => void): void {
    this.#resolve = resolve
    this.#reject = reject
  }

  protected resolved(reply: Reply<unknown>): void {
    this.#resolve?.(reply as Reply<never>)
  }

  protected rejected(error: CallError): void {
    this.#reject?.(error)
  }
}

/** Why a signal fired, in words for the other side. */
export function whyOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : 'aborted'
}

/** How a call that cannot be made fails. */
export function refused(reason: CallReason, code: string, detail: string): CallFailure {
  return { reason, code, detail, indeterminate: false, retryAfterMs: 0 }
}
