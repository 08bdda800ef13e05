/**
 * The time in which both ends of an endpoint are connected, as the application sees it.
 *
 * Its key is the same at both ends, and no other time has it. What is sent through it is sent in it or not at all: once it
 * is over, `send()` throws, also when the connection goes on with a new session.
 */
import { InkwireError } from '../common/errors.ts'
import type { Connection } from './connection.ts'
import type { MessageInit } from './message-init.ts'
import type { Peer } from './peer.ts'
import type { WaitOptions } from './waiters.ts'

/** A time in which both ends of an endpoint are connected. What is sent through it is sent in it, or not at all. */
export class EndpointSession {
  /** The same text at both ends; null where the peer's protocol cannot agree on one (Ceph's). */
  readonly key: string | null
  readonly connection: Connection
  readonly peer: Peer
  readonly #over = new AbortController()

  /** @internal */
  constructor(key: string | null, connection: Connection, peer: Peer) {
    this.key = key
    this.connection = connection
    this.peer = peer
  }

  /** Fires when the two ends are connected no more, before `disconnect` is called; its reason is an InkwireError. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** As `connection.send()`. @throws InkwireError `INK_RESET` once this is over. */
  send(message: MessageInit): boolean {
    this.#mustBeUp('send()')
    return this.connection.send(message)
  }

  /** As `connection.deliver()`; rejects with `INK_RESET` once this is over. */
  async deliver(message: MessageInit, options: WaitOptions = {}): Promise<void> {
    this.#mustBeUp('deliver()')
    await this.connection.deliver(message, options)
  }

  /** @internal */
  end(reason: string): void {
    this.#over.abort(new InkwireError('INK_RESET', reason))
  }

  #mustBeUp(what: string): void {
    if (!this.#over.signal.aborted) return
    const { message } = this.#over.signal.reason as InkwireError
    throw new InkwireError('INK_RESET', `${what}: the endpoint is not connected (${message}); wait for connect()`)
  }
}
