/**
 * A call that its server hands on to a third peer: one transaction there, tied to the one here, whose outcome it becomes.
 *
 * Bytes pass as they came, requests, parts and replies, with the back-pressure of both ways; so do the ends of each half. What the
 * caller hears is what the last handler did: its answer or its error, the verdict about a cancel, and `indeterminate`, which
 * is false when that handler has not run and will not. Limit: what one call holds on either side of it.
 */
import { InkwireError, wordsOf } from '../common/errors.ts'
import { describe, optionObject } from '../common/options.ts'
import type { CallType } from '../messenger/calls.ts'
import { Connection } from '../messenger/connection.ts'
import { checkTimeout } from '../messenger/message-init.ts'
import type { CallError } from './call-error.ts'
import type { CallKind } from './machine/half.ts'
import type { OutReply } from './machine/replies.ts'
import type { CallFailure, CallReason } from './machine/words.ts'
import type { ForwardedFrom, OnwardHalf } from './onward.ts'
import type { SessionCalls } from './session-calls.ts'
import { OpenTransaction } from './transaction.ts'

/** How a call is handed on. */
export interface ForwardOptions {
  /**
   * For the rest of its way, in ms, 0 or more, or Infinity; default: what is left of the caller's time, of which it
   * has never more.
   */
  readonly timeoutMs?: number | undefined
}

/** Bytes that nobody reads on their way. */
export type RawCall = CallType<Uint8Array, Uint8Array>

/** Its other half. What the last handler says of its parts is said to the caller at once. */
export class OnwardCall extends OpenTransaction implements OnwardHalf {
  readonly #from: ForwardedFrom
  /** Parts of the caller may go through it. */
  readonly #streams: boolean
  failure: CallFailure | null = null
  thrown: CallError | null = null

  constructor(calls: SessionCalls, call: RawCall, from: ForwardedFrom, streams: boolean) {
    super(calls, call, from.kind, from.lane)
    this.#from = from
    this.#streams = streams
  }

  checkOver(what: string): void {
    if (this.failure !== null && !this.#streams) return
    const why = this.#streams ? 'and parts of it may be gone with that' : 'and that has not failed'
    throw new InkwireError('INK_BAD_ARGUMENT', `${what}: it was handed on already, ${why}`)
  }

  override onFailure(failure: CallFailure): void {
    this.failure = seenByCaller(failure)
    super.onFailure(failure)
  }

  protected override rejected(error: CallError): void {
    this.thrown = error
    super.rejected(error)
  }

  override onBroken(detail: string): void {
    super.onBroken(detail)
    this.#from.side.reset(detail)
  }

  override onUnwanted(): void {
    super.onUnwanted()
    this.#from.side.stop('the handler wants no more', true)
  }

  stopped(): void {
    this.calls.exchange.parts.stop(this, 'the caller wants no more', true)
    this.reader.finish(null)
  }

  broken(detail: string): void {
    this.calls.exchange.parts.reset(this, detail)
    this.writer.wake(false)
  }

  aborted(reason: CallReason, detail: string): void {
    const why = reason === 'deadline' || reason === 'disconnected' ? reason : 'cancelled-local'
    this.calls.exchange.cancel(this, why, detail, this.calls.nowMs)
  }

  async answer(): Promise<OutReply> {
    void this.#passUp()
    const down = this.#passDown()
    const { body, data } = await this.reply
    await down
    return { front: body as Uint8Array, data }
  }

  /** From the caller to the handler. */
  async #passUp(): Promise<void> {
    try {
      for (
        let part = await this.#from.side.parts.next();
        part.done !== true;
        part = await this.#from.side.parts.next()
      ) {
        if (!(await this.writer.send(this.call.callName, part.value))) return
      }
      this.calls.exchange.parts.end(this, this.calls.nowMs)
    } catch (thrown) {
      // What is cut short must not look whole. Of a call that is over nothing is said.
      this.broken(wordsOf(thrown))
    }
  }

  /** From the handler to the caller. */
  async #passDown(): Promise<void> {
    try {
      for (let part = await this.reader.next(); part.done !== true; part = await this.reader.next()) {
        if (!(await this.#from.side.send(part.value))) return
      }
    } catch {
      // Its parts were given up, and the caller was told; or it has failed, and that is the outcome.
    }
  }
}

/** Throws `INK_BAD_ARGUMENT`, `INK_BAD_OPTION`. */
export function checkForward(
  what: string,
  connection: unknown,
  options: ForwardOptions,
): { readonly connection: Connection; readonly timeoutMs: number | undefined } {
  if (!(connection instanceof Connection)) {
    throw new InkwireError('INK_BAD_ARGUMENT', `${what} takes a connection, not ${describe(connection)}`)
  }
  optionObject(what, options, ['timeoutMs'])
  return { connection, timeoutMs: checkTimeout(what, options.timeoutMs) }
}

/** The same call, of which nobody here reads the bytes. */
export function rawCall(callName: string, { type, version }: CallKind): RawCall {
  return { type, version, callName, request: RAW, reply: RAW }
}

const RAW = { encode: (bytes: Uint8Array): Uint8Array => bytes, decode: (bytes: Uint8Array): Uint8Array => bytes }

/** What was decided on this side was not decided by the caller. */
function seenByCaller(failure: CallFailure): CallFailure {
  return failure.reason === 'cancelled-local' ? { ...failure, reason: 'cancelled-remote' } : failure
}
