/**
 * Calls, as `Connection` names them. What does them is a layer above (`src/transactions`), which the public `Messenger` plugs in:
 * a room imports only from those below it, and these are the terms that both know.
 */
import type { Codec } from './typed-message.ts'

/** A kind of call: its numbers on the wire, and the codecs of its request and its reply. Made by `defineCall()`. */
export interface CallType<Request, Reply, RequestInput = Request, ReplyInput = Reply> {
  readonly type: number
  readonly version: number
  readonly callName: string
  readonly request: Codec<Request, RequestInput>
  readonly reply: Codec<Reply, ReplyInput>
}

/**
 * What tells about a call beside its request, such as the trace that it belongs to: at most 16 strings, and 768 bytes. Keys are 1 to 64 of
 * `a-z`, `0-9`, `_`, `.` and `-`; values up to 512 printable characters of ASCII. `undefined`: there is none of that name.
 */
export type Metadata = Readonly<Record<string, string | undefined>>

/** How a call is made. */
export interface CallOptions {
  /**
   * From now to the reply, in ms, 0 or more, or Infinity; default: none, but that of the call in whose handler it is
   * made.
   */
  readonly timeoutMs?: number | undefined
  /** Ends the call: it fails at once, and the handler's own signal fires. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
  /** Bytes beside the body; they belong to the messenger until the call has ended. Default: none. */
  readonly data?: Uint8Array | undefined
  /** 0 to 255; default 127. As of a message. */
  readonly priority?: number | undefined
  /**
   * False: the call inherits nothing of the one in whose handler it is made: neither its deadline nor `traceparent`, `tracestate`
   * and `baggage` of its metadata. Default true.
   */
  readonly inherit?: boolean | undefined
  /**
   * For the handler, and before what is inherited: a `traceparent` also takes the place of an inherited `tracestate`.
   * Default: none but that.
   */
  readonly metadata?: Metadata | undefined
}

/** What a call gives. */
export interface Reply<Body> {
  readonly body: Body
  /** Bytes beside the body; none: of length 0. */
  readonly data: Uint8Array
}

/**
 * A call whose two sides may send parts: bytes, each as it was sent, in order. Iterating it gives those of the handler's,
 * until it has ended well; it throws the `CallError` of the call when that failed.
 */
export interface Transaction<Body> extends AsyncIterable<Uint8Array> {
  /** The outcome; rejects with a `CallError`. Nobody has to look at it. */
  readonly reply: Promise<Reply<Body>>
  /**
   * Sends a part. Resolves when there is room for the next one; false: the handler wants no more, or has replied already.
   *
   * @throws CallError when the call has failed. InkwireError `INK_BAD_ARGUMENT`, `INK_MESSAGE_TOO_LARGE`.
   */
  send(part: Uint8Array): Promise<boolean>
  /** Sends no more parts; the reply. */
  end(): Promise<Reply<Body>>
  /**
   * Cancels the call, and tells what became of it: `cancelled` (it failed so, `indeterminate` when its handler has begun) or
   * `too-late` (the handler had ended: its answer is the outcome).
   *
   * @throws CallError when the call fails otherwise before the peer has said so, or the peer says nothing for 10 s.
   */
  cancel(why?: string): Promise<'cancelled' | 'too-late'>
  /** Wants no more of the handler's parts, and tells it so; the reply still comes. */
  stop(why?: string): void
  /** Gives up its own parts: the handler's iteration throws. Its reply still comes. */
  reset(why?: string): void
  /**
   * Wants no more of it, and tells nobody: nothing of it is seen any more. `reply` rejects; the handler goes on. Only where parts of
   * this side have begun and not ended its iteration throws, as behind `reset()`.
   */
  discard(): void
  /** @internal as `send()`, but waits as soon as `unsentBytes` of its parts wait: what makes them does not run ahead of the link. */
  sendAhead(part: Uint8Array, unsentBytes: number): Promise<boolean>
  /** @internal instead of iterating: each part is lent, and is other bytes when `take` has returned. Ends as iterating does. */
  takeParts(take: (part: Uint8Array) => void): Promise<void>
}

/** What does the calls of a connection. @internal */
export interface CallLayer<Connection> {
  call<Request, Body, RequestInput, ReplyInput>(
    connection: Connection,
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOptions,
  ): Promise<Reply<Body>>
  transact<Request, Body, RequestInput, ReplyInput>(
    connection: Connection,
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOptions,
  ): Transaction<Body>
}
