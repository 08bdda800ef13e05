/** What a handler that hands its call on, and the call that goes on for it, know of each other. */
import type { Metadata } from '../messenger/calls.ts'
import type { Connection } from '../messenger/connection.ts'
import type { CallError } from './call-error.ts'
import type { CallKind } from './machine/half.ts'
import type { InRecord } from './machine/incoming.ts'
import type { OutReply } from './machine/replies.ts'
import type { CallFailure, CallReason } from './machine/words.ts'

/** The call that is handed on, as its handler has it. */
export interface ForwardedFrom {
  readonly kind: CallKind
  readonly lane: number
  readonly callName: string
  /** What its caller has given. */
  readonly metadata: Metadata
  /** Those of the caller's that its handler has not read. */
  readonly side: {
    readonly parts: AsyncIterator<Uint8Array, undefined>
    send(part: Uint8Array): Promise<boolean>
    stop(why: string, tell: boolean): void
    reset(why: string): void
  }
}

/** How it goes on; `streams`: parts of the caller may follow. */
export interface Onward {
  readonly connection: Connection
  readonly request: InRecord
  readonly streams: boolean
  readonly timeoutMs: number | undefined
}

/** The call that goes on. */
export interface OnwardHalf {
  /** How it has failed, for the caller; null: it has not. */
  readonly failure: CallFailure | null
  /** What says so to the handler that has handed it on. */
  readonly thrown: CallError | null
  /** Throws `INK_BAD_ARGUMENT` when the same call cannot be handed to another peer after this one. */
  checkOver(what: string): void
  /** The caller wants no more of the handler's parts. */
  stopped(): void
  /** The caller has given up its parts. */
  broken(detail: string): void
  /** The caller wants none of it, or cannot have it any more: the verdict is the outcome. */
  aborted(reason: CallReason, detail: string): void
  /** The outcome, when all parts of it have been handed over. */
  answer(): Promise<OutReply>
}
