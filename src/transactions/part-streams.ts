/**
 * What streams of every kind do with the parts of a call: one half of it is read, or written, under the words of streams.
 *
 * Nothing is kept here. A part is read when the stream asks for it, which is when its credit goes back; a write is done when
 * `send()` is, and fails when nobody wants the part. Whoever drops a stream says so to the other side, with its reason: a
 * reader stops the half that it reads, a writer resets the half that it writes, so that what was cut short never looks whole.
 */
import { onAbort } from '../common/abort.ts'
import { InkwireError, wordsOf } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import type { Transaction } from '../messenger/calls.ts'
import { CallError } from './call-error.ts'
import type { ServerCall } from './handler-call.ts'

/** A call with parts, as either of its sides has it: what `transact()` gives, and what a handler is given. */
export type PartsCall = Transaction<unknown> | ServerCall

const DONE = { done: true, value: undefined } as const

/** The parts that come. Leaving early, with or without an error, stops that half; behind its end nothing is left to stop. */
export function incomingParts(what: string, call: PartsCall): AsyncIterable<Uint8Array> {
  checkCall(what, call)
  const parts = call[Symbol.asyncIterator]()
  let life: 'open' | 'over' = 'open'
  const leave = (reason?: unknown): Promise<IteratorResult<Uint8Array, undefined>> => {
    if (life === 'open') call.stop(whyOf(reason))
    life = 'over'
    return Promise.resolve(DONE)
  }
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    try {
      const result = (await parts.next()) as IteratorResult<Uint8Array, undefined>
      if (result.done === true) life = 'over'
      return result
    } catch (error) {
      life = 'over'
      throw error
    }
  }
  return { [Symbol.asyncIterator]: () => ({ next, return: leave, throw: leave }) }
}

/** The parts that go. */
export class OutgoingParts {
  readonly #call: PartsCall
  /** It wants no more to be written: `ended` by its writer, or `cut` for a reason. */
  #end: { readonly kind: 'ended' } | { readonly kind: 'cut'; readonly reason: unknown } | null = null
  #release: (() => void) | null = null

  /** Throws `INK_BAD_ARGUMENT`. */
  constructor(what: string, call: PartsCall) {
    checkCall(what, call)
    this.#call = call
  }

  /** `onOver` hears that the call is over before its writer has ended: nobody will take what else there is. */
  watch(onOver: (error: unknown) => void): void {
    const call = this.#call
    const over = (error: unknown): void => {
      if (this.#end !== null) return
      this.#cut(error)
      onOver(error)
    }
    if ('reply' in call) {
      call.reply.then(() => {
        over(unwanted())
      }, over)
      return
    }
    const { signal } = call
    if (signal.aborted) over(signal.reason)
    else
      this.#release = onAbort(signal, () => {
        over(signal.reason)
      })
  }

  /** Done when there is room for the next part. */
  async write(part: Uint8Array): Promise<void> {
    let isWanted: boolean
    try {
      isWanted = await this.#call.send(part)
    } catch (error) {
      // A stream that has failed once is over: whoever waits for the rest must hear that none comes.
      this.abort(error)
      throw error
    }
    if (this.#end?.kind === 'cut') throw this.#end.reason
    if (isWanted) return
    const error = unwanted()
    this.#cut(error)
    throw error
  }

  /** All is written. A handler says so by its answer, which is its own affair. */
  end(): void {
    if (this.#end !== null) return
    this.#end = { kind: 'ended' }
    this.#release?.()
    // Its outcome is that of `reply`, which whoever wants it looks at.
    if ('end' in this.#call) this.#call.end().catch(() => undefined)
  }

  /** What is not written yet never will be. */
  abort(reason: unknown): void {
    if (this.#end !== null) return
    this.#cut(reason)
    this.#call.reset(whyOf(reason))
  }

  #cut(reason: unknown): void {
    this.#end = { kind: 'cut', reason }
    this.#release?.()
  }
}

/** Why a stream was dropped, in words for the other side. */
function whyOf(reason: unknown): string {
  return reason === undefined || reason === null ? 'its stream was dropped' : wordsOf(reason)
}

/** What a write fails with that nobody wants: no failure of the call, which has, or will have, an outcome of its own. */
function unwanted(): CallError {
  const detail = 'the other side wants no more of its parts'
  const failure = { reason: 'cancelled-remote', code: 'STOPPED', detail, indeterminate: true, retryAfterMs: 0 } as const
  return CallError.of('a stream of parts', failure)
}

function checkCall(what: string, call: PartsCall): void {
  const methods = ['send', 'stop', 'reset', Symbol.asyncIterator] as const
  if (methods.every((method) => typeof (call as Partial<PartsCall> | null | undefined)?.[method] === 'function')) return
  const text = `${what} takes what transact() gives, or the call that a handler is given, not ${describe(call)}`
  throw new InkwireError('INK_BAD_ARGUMENT', text)
}
