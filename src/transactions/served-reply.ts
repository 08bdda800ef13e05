/** What a handler answers, as it goes to the caller; and what it throws. */
import { isBytes } from '../common/bytes.ts'
import { InkwireError, asError, wordsOf } from '../common/errors.ts'
import { describe, onlyKnown } from '../common/options.ts'
import { lasting } from '../messenger/chunk.ts'
import { encodeBody } from '../messenger/typed-message.ts'
import type { AnyCall } from './asked-call.ts'
import { CallError } from './call-error.ts'
import type { OutReply } from './machine/replies.ts'
import type { CallFailure } from './machine/words.ts'
import { checkSize } from './parts.ts'

/** What a handler answers; nothing: an empty reply. */
export interface ServerReply<Body> {
  readonly body?: Body | undefined
  readonly data?: Uint8Array | undefined
}

/** The reply of another handler, as it came: what `call.forward()` gives, for a handler to answer with. */
export class ForwardedReply implements ServerReply<never> {
  /** Its bytes are nobody's on this way. */
  readonly body: undefined = undefined
  readonly #reply: OutReply

  /** @internal */
  constructor(reply: OutReply) {
    this.#reply = reply
  }

  /** @internal */
  static bytesOf(forwarded: ForwardedReply): OutReply {
    return forwarded.#reply
  }
}

const HANDLER_ERROR = { reason: 'handler-error', retryAfterMs: 0 } as const
const NOTHING: OutReply = { front: null, data: null }
const NAMES = ['body', 'data'] as const

/** Throws `INK_BAD_ARGUMENT` for what is no reply. */
export function replyOf(definition: AnyCall, answer: unknown): OutReply {
  if (answer === undefined) return NOTHING
  if (answer instanceof ForwardedReply) return ForwardedReply.bytesOf(answer)
  const what = `the reply of ${definition.callName}`
  if (typeof answer !== 'object' || answer === null) {
    throw new InkwireError('INK_BAD_ARGUMENT', `${what} is an object such as { body, data }, not ${describe(answer)}`)
  }
  onlyKnown(what, answer, NAMES)
  const { body, data } = answer as ServerReply<never>
  if (data !== undefined && !isBytes(data)) {
    throw new InkwireError('INK_BAD_ARGUMENT', `${what}: data is a Uint8Array, not ${describe(data)}`)
  }
  const front = body === undefined ? null : encodeBody(definition.reply, body, what)
  checkSize(what, (front?.byteLength ?? 0) + (data?.byteLength ?? 0))
  return { front, data: data === undefined ? null : lasting(data) }
}

/** The code and the words of what was thrown go to the caller. */
export function failureOf(thrown: unknown, indeterminate: boolean): CallFailure {
  const error = asError(thrown)
  const { code } = error as { code?: unknown }
  const retryAfterMs = error instanceof CallError ? error.retryAfterMs : 0
  const detail = error instanceof CallError ? error.message : wordsOf(error)
  return { ...HANDLER_ERROR, code: typeof code === 'string' ? code : '', detail, indeterminate, retryAfterMs }
}

/** Of a request that its codec does not read. */
export function unreadable(cause: unknown): CallFailure {
  const detail = `the request does not decode: ${wordsOf(cause)}`
  return { ...HANDLER_ERROR, code: 'INK_DECODE_FAILED', detail, indeterminate: false }
}
