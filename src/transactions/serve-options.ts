/**
 * How calls are served: what `serve()` takes and gives, and what of it is checked at once.
 */
import { InkwireError } from '../common/errors.ts'
import { choiceOption, describe, numberOption, optionObject, whole, wholeOrInfinity } from '../common/options.ts'
import type { ServerCall } from './handler-call.ts'
import { CALLS } from './machine/limits.ts'
import type { ServeRules } from './served-kind.ts'
import type { ServerReply } from './served-reply.ts'

const OPTIONS = ['mode', 'concurrency', 'waitingMax', 'retryAfterMs', 'orderKey'] as const

/** Handles calls of one kind. */
export type CallHandler<Body, ReplyInput> = (
  body: Body,
  call: ServerCall,
) => ServerReply<ReplyInput> | undefined | PromiseLike<ServerReply<ReplyInput> | undefined>

/** How calls are served. */
export interface ServeOptions<Body = never> {
  /**
   * `queued` (default): from the queue, at the end of the turn. `inline`: in the turn of receipt, before what came behind it; it must
   * answer at once and be quick. One that keeps the input waiting for more than 2 ms, or answers by a promise, three times, is
   * `queued` from then on, and an `inlineBlocked` event says so.
   */
  readonly mode?: 'inline' | 'queued' | undefined
  /** How many handlers of this kind run at once, of all connections; 1 to 1,000,000, or Infinity; default 256. */
  readonly concurrency?: number | undefined
  /** Calls of one connection that may wait for that; 0 to 1024, default 1024. Beyond it they are refused: `quota`, `BUSY`. */
  readonly waitingMax?: number | undefined
  /** What callers are told then, in ms, 0 to 86,400,000: when to try again. Default 100. */
  readonly retryAfterMs?: number | undefined
  /**
   * Of calls with the same key one runs at a time, in the order in which they came. Compared as a Map does. Default:
   * no order.
   */
  readonly orderKey?: ((body: Body, call: ServerCall) => unknown) | undefined
}

/** What `serve()` gives. */
export interface ServedCalls {
  /** Begins no more handlers; what comes waits, within the limits. */
  pause(): void
  /** Goes on, in order. */
  resume(): void
  /** Serves no more: what waits and what comes fails (`unhandled`); handlers that run go on. */
  remove(): void
}

/** With every default, checked. */
export function rulesOf(name: string, given: ServeOptions): ServeRules {
  const where = `serve(${name})`
  optionObject(where, given, OPTIONS)
  const { orderKey } = given
  if (orderKey !== undefined && typeof orderKey !== 'function') {
    throw new InkwireError('INK_BAD_OPTION', `${where}: orderKey is a function of the body, not ${describe(orderKey)}`)
  }
  const { openMax } = CALLS
  return {
    mode: choiceOption(`${where}: mode`, given.mode, ['queued', 'inline'], 'queued'),
    concurrency: numberOption(`${where}: concurrency`, given.concurrency, wholeOrInfinity(1, 1e6), 256),
    waitingMax: numberOption(`${where}: waitingMax`, given.waitingMax, whole(0, openMax), openMax),
    retryAfterMs: numberOption(`${where}: retryAfterMs`, given.retryAfterMs, whole(0, 86_400_000), 100),
    orderKey: orderKey ?? null,
  }
}
