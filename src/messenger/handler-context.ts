/** What a typed handler is told besides the body: where it came from, what time it is, and when nobody waits for it any more. */
import type { InboundMessage } from '../wire/message.ts'
import type { Stamp } from '../wire/stamp.ts'
import type { Connection } from './connection.ts'

/**
 * What a typed handler is told besides the body: the whole message, its connection, and when nobody waits for it any
 * more.
 */
export class HandlerContext {
  readonly message: InboundMessage
  readonly connection: Connection
  /** As `messenger.now()`: above `message.stamp`, unless the sender's clock was too far ahead (`clockSkew`). */
  readonly now: () => Stamp

  constructor(message: InboundMessage, connection: Connection, now: () => Stamp) {
    this.message = message
    this.connection = connection
    this.now = now
  }

  /** Fires when the connection ends, as `connection.signal`: work whose answer cannot be sent may stop. Made when asked for. */
  get signal(): AbortSignal {
    return this.connection.signal
  }
}
