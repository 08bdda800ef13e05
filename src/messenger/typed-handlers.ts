/** The handlers of typed messages: one per type, each called with the decoded body, in the scope in which it was given. */
import { InkwireError, wordsOf } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import { atOnce } from '../common/user-code.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Stamp } from '../wire/stamp.ts'
import type { Connection } from './connection.ts'
import { HandlerContext } from './handler-context.ts'
import { remover } from './remover.ts'
import type { Remover } from './remover.ts'
import { Scope } from './scope.ts'
import type { MessageType } from './typed-message.ts'

/** Handles one type of message: the decoded body, and where it came from. */
export type TypedHandler<Body> = (body: Body, context: HandlerContext) => unknown

class TypedEntry {
  readonly #definition: MessageType<unknown, never>
  readonly #handler: TypedHandler<unknown>
  readonly #now: () => Stamp
  readonly #scope = new Scope()

  constructor(definition: MessageType<unknown, never>, handler: TypedHandler<unknown>, now: () => Stamp) {
    this.#definition = definition
    this.#handler = handler
    this.#now = now
  }

  /** Returns what the handler does; throws what it throws, or that the body does not decode. */
  call(message: InboundMessage, connection: Connection): unknown {
    return this.#scope.run(this.#decodeAndHandle, this, message, connection)
  }

  /** A codec is its user's code as well. */
  #decodeAndHandle(message: InboundMessage, connection: Connection): unknown {
    let body: unknown
    try {
      body = atOnce(this.#definition.codec.decode(message.front), 'decode()')
    } catch (cause) {
      const text = `the body of ${this.#definition.messageName} does not decode: ${wordsOf(cause)}`
      throw new InkwireError('INK_DECODE_FAILED', text, { cause })
    }
    // Called as a function: an entry is no `this` for anybody's handler.
    const handler = this.#handler
    return handler(body, new HandlerContext(message, connection, this.#now))
  }
}

export class TypedHandlers {
  readonly #typed = new Map<number, TypedEntry>()
  readonly #now: () => Stamp

  constructor(now: () => Stamp) {
    this.#now = now
  }

  /** Sets the handler of a type; the function that is returned removes it. One handler per type. */
  on<Body, Input>(definition: MessageType<Body, Input>, handler: TypedHandler<Body>): Remover {
    if (typeof definition !== 'function' || typeof definition.codec?.decode !== 'function') {
      throw new InkwireError('INK_BAD_ARGUMENT', 'on() takes what defineMessage() returned, and a handler')
    }
    if (typeof handler !== 'function') {
      throw new InkwireError(
        'INK_BAD_ARGUMENT',
        `on(${definition.messageName}): the handler must be a function, not ${describe(handler)}`,
      )
    }
    if (this.#typed.has(definition.type)) {
      throw new InkwireError(
        'INK_BAD_ARGUMENT',
        `on(${definition.messageName}): type ${definition.type} has a handler already; remove it first`,
      )
    }
    const entry = new TypedEntry(definition, handler as TypedHandler<unknown>, this.#now)
    this.#typed.set(definition.type, entry)
    return remover(() => {
      if (this.#typed.get(definition.type) === entry) this.#typed.delete(definition.type)
    })
  }

  of(type: number): TypedEntry | undefined {
    return this.#typed.get(type)
  }
}
