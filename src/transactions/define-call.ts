/**
 * Kinds of calls: a number on the wire and two codecs, checked once.
 *
 * Numbers of calls are their own: call 17 is not message 17. Codecs are those of `defineMessage`.
 */
import { describe } from '../common/options.ts'
import type { CallType } from '../messenger/calls.ts'
import { badArgument, checkDefinition } from '../messenger/definition.ts'
import type { Codec } from '../messenger/typed-message.ts'

/** How a call is defined. */
export interface CallDefinition<Request, Reply, RequestInput = Request, ReplyInput = Reply> {
  /** 0 to 65535; calls have numbers of their own, apart from those of messages. */
  readonly type: number
  /** For errors, events and dumps. */
  readonly name: string
  readonly request: Codec<Request, RequestInput>
  readonly reply: Codec<Reply, ReplyInput>
  /** 0 to 65535, default 0; travels with every call. */
  readonly version?: number | undefined
}

/**
 * Defines a kind of call, for `connection.call()`, `connection.transact()` and `messenger.serve()`.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` when the definition is not complete.
 */
export function defineCall<Request, Reply, RequestInput = Request, ReplyInput = Reply>(
  definition: CallDefinition<Request, Reply, RequestInput, ReplyInput>,
): CallType<Request, Reply, RequestInput, ReplyInput> {
  checkDefinition('defineCall', 'Get', definition, { request: 'request', reply: 'reply' })
  const { type, name, request, reply, version = 0 } = definition
  return Object.freeze({ type, version, callName: name, request, reply })
}

/** Throws `INK_BAD_ARGUMENT` for what `defineCall()` has not made. */
export function checkCall(what: string, call: unknown): void {
  const { callName, request, reply } = (call ?? {}) as Partial<CallType<unknown, unknown>>
  if (typeof callName === 'string' && request !== undefined && reply !== undefined) return
  throw badArgument(`${what} takes what defineCall() returned, not ${describe(call)}`)
}
