/** What an application does about messages and connections of any kind; who is asked when is in dispatchers.ts. */
import type { InkwireError } from '../common/errors.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { Connection } from './connection.ts'

/**
 * What an application gives to `messenger.use()`. Every method is optional. What one throws, or rejects with, is reported as
 * `dispatchError`. Nobody waits for what the notices (`on…`) answer.
 */
export interface Dispatcher {
  /**
   * Takes a message from the dispatch queue. Calls start in order per connection and lane. A promise delays the processed
   * ack until it settles. Answer false, at once or by a promise, to pass the message on to the next dispatcher: by a promise
   * the next one gets it then, after what came later may have begun.
   */
  dispatch?(message: InboundMessage, connection: Connection): unknown
  /**
   * Offered every message in the turn in which it was received, before any queue: must not block. Returns true when it
   * took the message, which is then finished. The segments are valid only during the call, so a promise comes too late: it
   * is reported as an error, and the message goes on to the dispatch queue.
   */
  fastDispatch?(message: InboundMessage, connection: Connection): boolean
  /** A session began on a link that this side dialled. */
  onConnect?(connection: Connection): unknown
  /** A session began on a link that the peer dialled. */
  onAccept?(connection: Connection): unknown
  /** The session ended, and the connection with it; called exactly once. No message of it is dispatched afterwards. */
  onReset?(connection: Connection, outcome: Outcome): unknown
  /** The peer lost the session (it restarted, or closed it). The connection lives on with a new session. */
  onRemoteReset?(connection: Connection, outcome: Outcome): unknown
  /** A dial found nobody (it is tried again), or the peer refused for good (the connection is closed then). */
  onRefused?(connection: Connection, error: InkwireError): unknown
}
