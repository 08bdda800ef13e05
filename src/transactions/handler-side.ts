/**
 * What a handler holds of its call: the signal that fires when nobody waits for it any more, the caller's parts, and those that it
 * sends.
 *
 * Each is made when the handler asks for it: most handlers need none of them, and then there is no such side at all. Whoever asks late
 * hears what has happened meanwhile.
 */
import { CallError } from './call-error.ts'
import type { Served } from './machine/half.ts'
import type { CallReason } from './machine/words.ts'
import { PartReader, PartWriter } from './parts.ts'
import type { SessionCalls } from './session-calls.ts'

/** Whose side it is. */
export interface SidedCall extends Served {
  readonly calls: SessionCalls
  readonly callName: string
}

export class HandlerSide {
  readonly #call: SidedCall
  #abort: AbortController | null = null
  #aborted: CallError | null = null
  #reader: PartReader | null = null
  #writer: PartWriter | null = null

  constructor(call: SidedCall) {
    this.#call = call
  }

  /** Why its caller waits no longer; null: it waits. */
  get aborted(): CallError | null {
    return this.#aborted
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController()
      if (this.#aborted !== null) this.#abort.abort(this.#aborted)
    }
    return this.#abort.signal
  }

  get parts(): PartReader {
    if (this.#reader === null) {
      const { brokenWhy, isWhole, calls } = this.#call
      this.#reader = new PartReader(this.#call, calls)
      if (brokenWhy !== null) this.#reader.finish(this.#error('cancelled-remote', 'RESET', brokenWhy))
      if (isWhole) this.#reader.finish(null)
      if (this.#aborted !== null) this.#reader.finish(this.#aborted)
    }
    return this.#reader
  }

  send(part: Uint8Array, unsentBytes?: number): Promise<boolean> {
    this.#writer ??= new PartWriter(this.#call, this.#call.calls)
    return this.#writer.send(`${this.#call.callName}: send()`, part, unsentBytes)
  }

  /** Wants no more of the caller's parts. */
  stop(why: string, tell: boolean): void {
    this.#call.calls.exchange.parts.stop(this.#call, why, tell)
    this.parts.finish(null)
  }

  reset(why: string): void {
    this.#call.calls.exchange.parts.reset(this.#call, why)
    this.unwanted()
  }

  // What happens to its call.

  readable(): void {
    if (this.#call.isWhole) this.#reader?.finish(null)
    this.#reader?.wake()
  }

  broken(detail: string): void {
    this.parts.finish(this.#error('cancelled-remote', 'RESET', detail))
  }

  unwanted(): void {
    this.#writer?.wake(false)
  }

  writable(): void {
    this.#writer?.wake(true)
  }

  /** Nobody waits for it any more. */
  abort(reason: CallReason, detail: string): void {
    this.#aborted = this.#error(reason, '', detail)
    this.#reader?.finish(this.#aborted)
    this.unwanted()
    this.#abort?.abort(this.#aborted)
  }

  /** Its handler has ended. */
  end(): void {
    this.#reader?.finish(null)
    this.unwanted()
  }

  #error(reason: CallReason, code: string, detail: string): CallError {
    return CallError.of(this.#call.callName, { reason, code, detail, indeterminate: true, retryAfterMs: 0 })
  }
}
