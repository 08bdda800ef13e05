/**
 * Kinds of calls: a number on the wire and two codecs, checked once.
 *
 * Numbers of calls are their own: call 17 is not message 17. The last sixteen are kept for the layers of this package, so that
 * none of them and no application ever answer each other. Codecs are those of `defineMessage`.
 */
import { describe } from '../common/options.ts'
import type { CallType } from '../messenger/calls.ts'
import { badArgument, checkDefinition } from '../messenger/definition.ts'
import type { Codec } from '../messenger/typed-message.ts'

/** From here on numbers of calls are Inkwire's own. */
const OWN_TYPES_FROM = 0xfff0

/** How a call is defined. */
export interface CallDefinition<Request, Reply, RequestInput = Request, ReplyInput = Reply> {
  /** 0 to 65519; calls have numbers of their own, apart from those of messages. Those from 65520 on are Inkwire's. */
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
 * @throws InkwireError `INK_BAD_ARGUMENT` when the definition is not complete, or its number is one of Inkwire's own.
 */
export function defineCall<Request, Reply, RequestInput = Request, ReplyInput = Reply>(
  definition: CallDefinition<Request, Reply, RequestInput, ReplyInput>,
): CallType<Request, Reply, RequestInput, ReplyInput> {
  const call = defineAnyCall(definition)
  if (call.type < OWN_TYPES_FROM) return call
  const text = `defineCall: type ${call.type} of ${call.callName} is one of Inkwire's own: take one from 0 to ${OWN_TYPES_FROM - 1}`
  throw badArgument(text)
}

/** The call of a layer of this package, with a number that applications cannot take. */
export function defineOwnCall<Request, Reply>(definition: CallDefinition<Request, Reply>): CallType<Request, Reply> {
  return defineAnyCall({ ...definition, type: OWN_TYPES_FROM + definition.type })
}

function defineAnyCall<Request, Reply, RequestInput, ReplyInput>(
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
