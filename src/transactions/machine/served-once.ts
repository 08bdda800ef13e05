/**
 * Calls that are to run once, as their server has them: attempts that end with the handler of another one.
 *
 * Such a call outlives the session that it came over: its handler goes on, with its signal silent, for the caller will ask again.
 * A cancel and a deadline reach the handler from whichever attempt they come to. Pure.
 */
import { ONCE } from './limits.ts'
import { readOnce, type OnceNote } from './once.ts'
import { Outcomes, type CallOutcomeKept } from './outcomes.ts'
import type { OutReply } from './replies.ts'
import type { CallFailure, CallReason } from './words.ts'

/** What an entry costs beside the bytes of its reply. */
const OVERHEAD_BYTES = 256

/** What an attempt says, and where it is known. */
export interface OnceAttempt<Call extends OnceCall> extends OnceNote {
  readonly attempts: ServedOnce<Call>
}

/** An attempt, as what serves it. */
export interface OnceCall {
  readonly calls: {
    readonly connection: { readonly peer: { readonly name: string | null; readonly instance: string | null } }
    readonly nowMs: number
  }
  /** Another attempt has the handler, and it ends with that. */
  join(): void
  /** It is of no use any more: its session is lost. */
  leave(): void
  /** It ends as another attempt has. */
  end(reply: OutReply | null, failure: CallFailure | null): void
  onAborted(reason: CallReason, detail: string): void
}

export class ServedOnce<Call extends OnceCall> {
  readonly #outcomes = new Outcomes<Call>()
  /** Of this messenger. */
  readonly #instance: string

  constructor(instance: string) {
    this.#instance = instance
  }

  /** Null: the note says nothing of it. */
  noted(note: Uint8Array): OnceAttempt<Call> | null {
    const once = note.length < ONCE.noteBytes ? null : readOnce(note)
    return once && { ...once, attempts: this }
  }

  /** True: the attempt is to have the handler. Else it is seen to. */
  takes(call: Call, once: OnceNote): boolean {
    if (once.instance !== this.#instance) {
      call.end(null, { ...OTHER_INSTANCE })
      return false
    }
    const { name, instance } = call.calls.connection.peer
    const reception = this.#outcomes.arrived(`${name} ${instance}`, once, call, call.calls.nowMs)
    switch (reception.is) {
      case 'first':
        return true
      case 'behind':
        return false
      case 'joined':
        call.join()
        return false
      case 'answered':
        call.end(reception.outcome.reply, reception.outcome.failure)
        return false
      case 'refused':
        call.end(null, reception.failure)
        return false
    }
  }

  /** Its handler begins. */
  began(call: Call): void {
    for (const other of this.#outcomes.began(call)) other.join()
  }

  /** Its handler has ended: what the reply is made of is its owner's again soon, and so it is copied. */
  ended(call: Call, reply: OutReply | null, failure: CallFailure | null): void {
    const kept: CallOutcomeKept = { reply: reply && copyOf(reply), failure }
    const { front, data } = kept.reply ?? { front: null, data: null }
    const bytes = (front?.length ?? 0) + (data?.length ?? 0) + OVERHEAD_BYTES
    for (const other of this.#outcomes.ended(call, kept, bytes)) other.end(kept.reply, failure)
  }

  /** It never gets the handler. Returns who does in its place. */
  left(call: Call): Call | null {
    return this.#outcomes.left(call)
  }

  /** Somebody wants it no more. True: that is seen to, and its own handler hears nothing. */
  aborted(call: Call, reason: CallReason, detail: string): boolean {
    const runner = this.#outcomes.runnerOf(call)
    if (reason === 'disconnected') {
      if (runner !== null) {
        this.#outcomes.left(call)
        call.leave()
      }
      return true
    }
    runner?.onAborted(reason, detail)
    return runner !== null
  }
}

function copyOf({ front, data }: OutReply): OutReply {
  return { front: front && new Uint8Array(front), data: data && new Uint8Array(data) }
}

const OTHER_INSTANCE: CallFailure = {
  reason: 'refused',
  code: 'OTHER_INSTANCE',
  detail: 'it was meant for an earlier process of this name',
  indeterminate: false,
  retryAfterMs: 0,
}
