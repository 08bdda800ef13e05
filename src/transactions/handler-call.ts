/** What a handler is given beside the body: the call, and nothing of what carries it. */
import type { Metadata } from '../messenger/calls.ts'
import type { Connection } from '../messenger/connection.ts'
import type { Peer } from '../messenger/peer.ts'
import type { HandlerSide } from './handler-side.ts'
import type { PartTaker } from './parts.ts'
import type { ForwardOptions } from './forward.ts'
import type { ForwardedReply } from './served-reply.ts'

/** What a handler is given beside the body. Iterating it gives the caller's parts, to their end. */
export interface ServerCall extends AsyncIterable<Uint8Array> {
  /** Fires when the caller cancels, its time is up, or its session is lost. The reason is a `CallError`. */
  readonly signal: AbortSignal
  /** What is left of the caller's time, in ms, when it is read; Infinity: it has set no deadline. */
  readonly deadlineMs: number
  readonly peer: Peer
  readonly connection: Connection
  /** Bytes beside the body of the request. */
  readonly data: Uint8Array
  /** What the caller has given as `metadata`, and its call has inherited. Frozen; empty: nothing, or the peer's does not read as any. */
  readonly metadata: Metadata
  /** Sends a part. Resolves when there is room for the next one; false: the caller wants no more, or is gone. */
  send(part: Uint8Array): Promise<boolean>
  /** Wants no more of the caller's parts, and tells it so. */
  stop(why?: string): void
  /** Gives up its own parts: the caller's iteration throws. */
  reset(why?: string): void
  /** Wants no more of the caller's parts, and tells nobody. */
  discard(): void
  /** @internal as that of `Transaction`. */
  sendAhead(part: Uint8Array, unsentBytes: number): Promise<boolean>
  /** @internal as that of `Transaction`. */
  takeParts(take: PartTaker): Promise<void>
  /**
   * Hands the call on to another peer, as it came: its body and data, its metadata, its priority, what is left of its time, and the
   * parts of both sides that are still to come. Answer with what it gives, and the caller's outcome is that of the handler there: its
   * reply or its error, its verdict about a cancel, and `indeterminate`, which says whether that handler may have run.
   *
   * @throws CallError as `connection.call()`; to the caller it goes as it is, when this handler throws it on.
   * @throws InkwireError `INK_BAD_ARGUMENT` for what is no connection, for a call that is handed on while it is handed on already,
   *   and for parts that were handed on before; `INK_BAD_OPTION`.
   */
  forward(connection: Connection, options?: ForwardOptions): Promise<ForwardedReply>
}

/** What it is made of. */
export interface HandledCall {
  readonly leftMs: number
  readonly metadata: Metadata
  readonly calls: { readonly connection: Connection }
  readonly side: HandlerSide
  forward(connection: Connection, options: ForwardOptions): Promise<ForwardedReply>
}

export class HandlerCall implements ServerCall {
  readonly data: Uint8Array
  readonly #call: HandledCall

  constructor(call: HandledCall, data: Uint8Array) {
    this.#call = call
    this.data = data
  }

  get signal(): AbortSignal {
    return this.#call.side.signal
  }

  get deadlineMs(): number {
    return this.#call.leftMs
  }

  get metadata(): Metadata {
    return this.#call.metadata
  }

  get peer(): Peer {
    return this.#call.calls.connection.peer
  }

  get connection(): Connection {
    return this.#call.calls.connection
  }

  send(part: Uint8Array): Promise<boolean> {
    return this.#call.side.send(part)
  }

  stop(why = 'stopped'): void {
    this.#call.side.stop(why, true)
  }

  reset(why = 'reset'): void {
    this.#call.side.reset(why)
  }

  discard(): void {
    this.#call.side.stop('', false)
  }

  sendAhead(part: Uint8Array, unsentBytes: number): Promise<boolean> {
    return this.#call.side.send(part, unsentBytes)
  }

  takeParts(take: PartTaker): Promise<void> {
    return this.#call.side.parts.take(take)
  }

  forward(connection: Connection, options: ForwardOptions = {}): Promise<ForwardedReply> {
    return this.#call.forward(connection, options)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this.#call.side.parts
  }
}
