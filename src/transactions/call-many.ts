/**
 * One call to several peers: what each of them answered, and an end as soon as enough have, or cannot any more.
 *
 * What is undecided by then is cancelled, as by a signal: its handlers' own signals fire. Every destination has an outcome in
 * the result, whatever the end. Limit: the calls are calls like any other, under the limits of their connections.
 */
import { signalOf } from '../common/signal-option.ts'
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import type { CallOptions, CallType, Reply } from '../messenger/calls.ts'
import { Connection } from '../messenger/connection.ts'
import { CallError } from './call-error.ts'

/** How a call to several peers is made. `timeoutMs` and `signal` are for all of them. */
export interface CallManyOptions extends CallOptions {
  /**
   * How many replies decide it: a number from 1 to the number of destinations, `'first'` (1), `'quorum'` (more than half) or
   * `'all'`, the default.
   */
  readonly need?: number | 'first' | 'quorum' | 'all' | undefined
}

/** What became of the call at one destination. */
export type CallOutcome<Body> =
  | { readonly connection: Connection; readonly reply: Reply<Body>; readonly error: null }
  | { readonly connection: Connection; readonly reply: null; readonly error: CallError }

/** What a call to several peers gives. */
export interface ManyReplies<Body> {
  /** The replies that decided it, in the order in which they came: as many as were needed. */
  readonly replies: readonly Reply<Body>[]
  /** One for each destination, in the order in which they were given; one that was not needed failed `cancelled-local`. */
  readonly outcomes: readonly CallOutcome<Body>[]
}

/** Too few destinations have replied, or can. */
export class CallManyError extends Error {
  /** One for each destination, in the order in which they were given. */
  readonly outcomes: readonly CallOutcome<unknown>[]
  /** True when a handler of any destination may have run. */
  readonly indeterminate: boolean

  /** @internal */
  constructor(name: string, need: number, outcomes: readonly CallOutcome<unknown>[], cause: unknown) {
    const replied = outcomes.filter(({ error }) => error === null).length
    super(`${name}: ${replied} of ${outcomes.length} have replied, and ${need} were needed`, { cause })
    this.name = 'CallManyError'
    this.outcomes = outcomes
    this.indeterminate = outcomes.some(({ error }) => error?.indeterminate !== false)
  }
}

/**
 * Calls several peers at once, each over its connection.
 *
 * @throws CallManyError when so many have failed that those who are left are too few, or `signal` fired; its `cause` is the
 *   failure that decided it.
 * @throws InkwireError `INK_BAD_ARGUMENT` for wrong arguments; what `connection.call()` throws for a body or option that is wrong.
 */
export async function callMany<Request, Body, RequestInput, ReplyInput>(
  connections: readonly Connection[],
  call: CallType<Request, Body, RequestInput, ReplyInput>,
  body: RequestInput,
  options: CallManyOptions = {},
): Promise<ManyReplies<Body>> {
  checkDestinations(connections)
  const { need: wanted, signal: given, ...rest } = options
  const signal = signalOf('callMany()', { signal: given })
  const need = needed(wanted, connections.length)
  const decided = new AbortController()
  const release = onAbort(signal, () => {
    decided.abort(signal?.reason)
  })
  if (signal?.aborted === true) decided.abort(signal.reason)
  const replies: Reply<Body>[] = []
  const failures: unknown[] = []
  const callOne = async (connection: Connection): Promise<CallOutcome<Body>> => {
    try {
      const reply = await connection.call(call, body, { ...rest, signal: decided.signal })
      // One that came in the same turn as the last that was needed is an outcome, too.
      if (replies.length < need && replies.push(reply) === need) decided.abort('enough have replied')
      return { connection, reply, error: null }
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      if (failures.push(error) > connections.length - need) decided.abort('too many have failed')
      return { connection, reply: null, error }
    }
  }
  try {
    const outcomes = await Promise.all(connections.map(callOne))
    if (replies.length === need) return { replies, outcomes }
    throw new CallManyError(call.callName, need, outcomes, failures[connections.length - need])
  } finally {
    release()
    // Nothing is left but after a mistake of the caller, which is that of every call.
    decided.abort('the call to several was wrong')
  }
}

function needed(need: CallManyOptions['need'], count: number): number {
  if (need === undefined || need === 'all') return count
  if (need === 'first') return 1
  if (need === 'quorum') return Math.floor(count / 2) + 1
  if (Number.isInteger(need) && need >= 1 && need <= count) return need
  const text = `callMany(): need is 'first', 'quorum', 'all' or a whole number from 1 to ${count}, not ${describe(need)}`
  throw new InkwireError('INK_BAD_ARGUMENT', text)
}

function checkDestinations(connections: readonly Connection[]): void {
  const all: readonly unknown[] = Array.isArray(connections) ? connections : []
  const wrong = all.find((one) => !(one instanceof Connection))
  if (all.length > 0 && wrong === undefined && new Set(all).size === all.length) return
  const given = wrong === undefined ? describe(connections) : describe(wrong)
  throw new InkwireError('INK_BAD_ARGUMENT', `callMany() takes an array of different connections, not ${given}`)
}
