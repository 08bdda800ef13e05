/**
 * Typed messages: a number on the wire, a codec for the body, and a function that makes one.
 *
 * Any protobufjs static class is a codec; so is `{ encode(body): Uint8Array, decode(bytes): body }`.
 */
import { isBytes } from '../common/bytes.ts'
import { InkwireError, wordsOf } from '../common/errors.ts'
import { describe, onlyKnown } from '../common/options.ts'
import { unawaited } from '../common/user-code.ts'
import { badArgument, checkDefinition } from './definition.ts'
import type { MessageInit } from './message-init.ts'

/** Turns bodies into bytes and back. `encode` may return a protobufjs writer. */
export interface Codec<Body, Input = Body> {
  /** The bytes of a body. What it throws goes to the sender. */
  encode(body: Input): Uint8Array | { finish(): Uint8Array }
  /** The body that bytes stand for. What it throws fails the message, and not the link. */
  decode(bytes: Uint8Array): Body
}

/** What a caller may add to a typed message. */
export type TypedExtras = Pick<MessageInit, 'data' | 'middle' | 'priority' | 'tid' | 'expiresMs'>

const EXTRAS = ['data', 'middle', 'priority', 'tid', 'expiresMs'] as const
const NO_EXTRAS: TypedExtras = {}

/** Makes messages of one type: `connection.send(Put({ oid: 'a' }, { data }))`. */
export interface MessageType<Body, Input = Body> {
  (body: Input, extras?: TypedExtras): MessageInit
  readonly type: number
  readonly messageName: string
  readonly codec: Codec<Body, Input>
}

/** How a typed message is defined. */
export interface MessageDefinition<Body, Input = Body> {
  /** 0 to 65535. */
  readonly type: number
  /** For events and dumps. */
  readonly name: string
  readonly codec: Codec<Body, Input>
  /** 0 to 65535, default 0; travels with every message. */
  readonly version?: number | undefined
}

/**
 * Defines a typed message.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` when the definition is not complete.
 */
export function defineMessage<Body, Input = Body>(
  definition: MessageDefinition<Body, Input>,
): MessageType<Body, Input> {
  checkDefinition('defineMessage', 'Put', definition, { codec: 'the codec' })
  const { type, name, codec, version = 0 } = definition
  const make = (body: Input, extras: TypedExtras = NO_EXTRAS): MessageInit => {
    if (extras !== NO_EXTRAS) onlyKnown(`what is added to ${name}`, extras, EXTRAS)
    return { ...extras, type, version, front: encodeBody(codec, body, name) }
  }
  return Object.assign(make, { type, messageName: name, codec })
}

/** The bytes of a body; a codec is its user's code. Throws `INK_BAD_ARGUMENT`. */
export function encodeBody<Body, Input>(codec: Codec<Body, Input>, body: Input, name: string): Uint8Array {
  let encoded: unknown
  try {
    encoded = codec.encode(body)
    if (!isBytes(encoded) && hasFinish(encoded)) encoded = encoded.finish()
  } catch (cause) {
    throw new InkwireError('INK_BAD_ARGUMENT', `the body of ${name} does not encode: ${wordsOf(cause)}`, { cause })
  }
  if (isBytes(encoded)) return encoded
  unawaited(encoded)
  const wanted = 'encode() must give a Uint8Array, or a writer whose finish() does, as that of a pbjs static class'
  throw badArgument(`the codec of ${name} gave ${describe(encoded)}: ${wanted}`)
}

function hasFinish(encoded: unknown): encoded is { finish(): unknown } {
  return typeof (encoded as { finish?: unknown } | null | undefined)?.finish === 'function'
}
