/**
 * Kinds of calls: a number on the wire and two codecs, checked once.
 *
 * Numbers of calls are their own: call 17 is not message 17. Codecs are those of `defineMessage`.
 */
import { InkwireError } from '../common/errors.ts'
import { describe, onlyKnown } from '../common/options.ts'
import type { CallType } from '../messenger/calls.ts'
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
  if (typeof definition !== 'object' || (definition as unknown) === null) {
    const example = `{ type: 1, name: 'Get', request, reply }`
    throw badArgument(`defineCall takes an object such as ${example}, not ${describe(definition)}`)
  }
  onlyKnown('defineCall', definition, ['type', 'name', 'request', 'reply', 'version'])
  const { type, name, request, reply, version = 0 } = definition
  uint16('type', type)
  uint16('version', version)
  if (typeof name !== 'string' || name === '') {
    throw badArgument(`defineCall: name must be a string such as 'Get', not ${describe(name)}`)
  }
  for (const [which, codec] of Object.entries({ request, reply }) as [string, Partial<Codec<unknown>> | undefined][]) {
    if (typeof codec?.encode === 'function' && typeof codec.decode === 'function') continue
    throw badArgument(`defineCall: ${which} of ${name} needs encode() and decode(), as every pbjs static class has`)
  }
  return Object.freeze({ type, version, callName: name, request, reply })
}

/** Throws `INK_BAD_ARGUMENT` for what `defineCall()` has not made. */
export function checkCall(what: string, call: unknown): void {
  const { callName, request, reply } = (call ?? {}) as Partial<CallType<unknown, unknown>>
  if (typeof callName === 'string' && request !== undefined && reply !== undefined) return
  throw badArgument(`${what} takes what defineCall() returned, not ${describe(call)}`)
}

function uint16(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff) return
  throw badArgument(`defineCall: ${name} must be a whole number from 0 to 65535, not ${describe(value)}`)
}

function badArgument(message: string): InkwireError {
  return new InkwireError('INK_BAD_ARGUMENT', message)
}
