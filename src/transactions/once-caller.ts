/**
 * Calls that run once, however often they are asked: the caller tries again over the next session, and the server knows the
 * attempts as one call.
 *
 * Which number an attempt has, and whether there may be another one, is in machine/tickets.ts; here are the connection, the time and
 * the promise. Limit: what a server keeps (docs/LIMITS.md).
 */
import { onAbort } from '../common/abort.ts'
import { InkwireError, asError } from '../common/errors.ts'
import { describe, numberOption, whole } from '../common/options.ts'
import type { CallOptions, CallType, Reply } from '../messenger/calls.ts'
import { Connection } from '../messenger/connection.ts'
import type { Clock, Random } from '../messenger/runtime.ts'
import { checkTimeout } from '../messenger/message-init.ts'
import { signalOf } from '../common/signal-option.ts'
import { backoffMs } from '../policies/backoff.ts'
import { refused, whyOf } from './asked-call.ts'
import { CallError } from './call-error.ts'
import { checkCall } from './define-call.ts'
import { inherited, inheritedMs } from './inheritance.ts'
import { ONCE } from './machine/limits.ts'
import type { OnceNote } from './machine/once.ts'
import { Tickets, newTicket, type Ticket } from './machine/tickets.ts'

const WHAT = 'callOnce()'

/** How a call that runs once is made. `timeoutMs` and `signal` are for all attempts together. */
export interface CallOnceOptions extends CallOptions {
  /** How often it is tried, the first time included; 1 to 1000, default 8. */
  readonly attempts?: number | undefined
}

/** Names of its options. */
export const ONCE_OPTIONS = ['timeoutMs', 'signal', 'data', 'priority', 'inherit', 'metadata', 'attempts'] as const

/** What makes one attempt. */
export interface OnceWorld {
  readonly clock: Clock
  readonly random: Random
  /** The peer's calls know how to run once. */
  knowsOnce(connection: Connection): boolean
  /** `once` null: a call like any other. */
  ask<Request, Body, RequestInput, ReplyInput>(
    connection: Connection,
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOptions,
    once: OnceNote | null,
  ): Promise<Reply<Body>>
}

export class OnceCaller {
  readonly #world: OnceWorld
  readonly #tickets = new Tickets()

  constructor(world: OnceWorld) {
    this.#world = world
  }

  async call<Request, Body, RequestInput, ReplyInput>(
    connect: () => Connection,
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOnceOptions,
  ): Promise<Reply<Body>> {
    checkCall(WHAT, call)
    if (typeof connect !== 'function')
      throw bad(
        `takes a function that gives a connection, such as () => osd.connect(address), not ${describe(connect)}`,
      )
    const signal = signalOf(WHAT, options, ONCE_OPTIONS)
    const { attempts: wanted, ...rest } = options
    const attempts = numberOption(`${WHAT}: attempts`, wanted, whole(1, 1000), ONCE.attempts)
    const timeoutMs = Math.min(checkTimeout(WHAT, options.timeoutMs) ?? Infinity, ownMs(options))
    const ticket = newTicket()
    const patience = new Patience(this.#world.clock, signal, timeoutMs)
    try {
      for (let failures = 1; ; failures++) {
        try {
          const connection = await this.#opened(connect, patience)
          const once = this.#note(ticket, call.callName, connection)
          return await this.#world.ask(connection, call, body, { ...rest, timeoutMs: patience.leftMs }, once)
        } catch (thrown) {
          if (!(thrown instanceof CallError)) throw thrown
          if (!this.#tickets.mayGoOn(ticket, thrown) || failures >= attempts) throw final(ticket, call.callName, thrown)
          const waitMs = Math.max(backoffMs(ONCE.backoff, failures, this.#world.random.next()), thrown.retryAfterMs)
          await patience.sleep(waitMs)
        }
      }
    } finally {
      patience.end()
      this.#tickets.forget(ticket)
    }
  }

  /** The connection of the next attempt, with a link: only then is it known who is there. */
  async #opened(connect: () => Connection, patience: Patience): Promise<Connection> {
    patience.check()
    const connection: unknown = connect()
    if (!(connection instanceof Connection))
      throw bad(`needs a connection of its function, not ${describe(connection)}`)
    if (connection.state === 'open') return connection
    try {
      await connection.opened({ signal: patience.signal })
      return connection
    } catch (thrown) {
      patience.check()
      throw CallError.of(WHAT, refused('disconnected', 'INK_CLOSED', asError(thrown).message))
    }
  }

  /** What an attempt says to whom it is for. Null: the peer does not know of such calls. */
  #note(ticket: Ticket, callName: string, connection: Connection): OnceNote | null {
    const { instance } = connection.peer
    const note = this.#tickets.note(ticket, instance, instance !== null && this.#world.knowsOnce(connection))
    if (note !== 'elsewhere') return note === 'plain' ? null : note
    const detail = 'an earlier attempt may have run at another process of the server, which is gone'
    throw CallError.of(callName, { ...refused('disconnected', 'OTHER_INSTANCE', detail), indeterminate: true })
  }
}

/** How long all attempts may take together: until its signal fires or its time is up. */
class Patience {
  readonly #clock: Clock
  readonly #given: AbortSignal | undefined
  readonly #deadlineMs: number
  readonly #ended = new AbortController()
  readonly #release: () => void
  readonly #timer: unknown

  constructor(clock: Clock, signal: AbortSignal | undefined, timeoutMs: number) {
    this.#clock = clock
    this.#given = signal
    this.#deadlineMs = clock.nowMs() + timeoutMs
    const end = (): void => {
      this.#ended.abort()
    }
    this.#release = onAbort(signal, end)
    this.#timer = timeoutMs === Infinity ? null : clock.setTimer(end, timeoutMs)
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  /** What is left, in ms. */
  get leftMs(): number {
    return Math.max(0, this.#deadlineMs - this.#clock.nowMs())
  }

  /** Throws when it is at an end. */
  check(): void {
    if (this.#given?.aborted === true) throw CallError.of(WHAT, refused('cancelled-local', '', whyOf(this.#given)))
    if (this.signal.aborted || this.leftMs === 0)
      throw CallError.of(WHAT, refused('deadline', 'DEADLINE', 'there is no time left'))
  }

  /** Ends early with it: who goes on looks again. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const release = onAbort(this.signal, () => {
        this.#clock.clearTimer(timer)
        resolve()
      })
      const timer = this.#clock.setTimer(() => {
        release()
        resolve()
      }, ms)
      if (this.signal.aborted) resolve()
    })
  }

  end(): void {
    this.#release()
    if (this.#timer !== null) this.#clock.clearTimer(this.#timer)
  }
}

/** What a handler's own call leaves for the calls that it makes. */
function ownMs({ inherit }: CallOnceOptions): number {
  return inheritedMs(inherit === false ? undefined : inherited())
}

/** The last attempt's failure is the call's; what an earlier one may have done counts as well. */
function final({ mayHaveRun }: Ticket, callName: string, error: CallError): CallError {
  if (error.indeterminate || !mayHaveRun) return error
  const { reason, code, retryAfterMs } = error
  const detail = `an earlier attempt may have run; of the last one: ${error.message}`
  return CallError.of(callName, { reason, code, detail, retryAfterMs, indeterminate: true }, error)
}

function bad(text: string): InkwireError {
  return new InkwireError('INK_BAD_ARGUMENT', `${WHAT} ${text}`)
}
