/**
 * The `Messenger` of the public surface: that of the shell, with the layer of transactions in its plug.
 *
 * The shell knows the terms of calls (messenger/calls.ts), not who does them, so that no room imports from one above it.
 */
import type { CallLayer, CallType, Reply } from '../messenger/calls.ts'
import type { Connection } from '../messenger/connection.ts'
import { Messenger as Shell } from '../messenger/messenger.ts'
import type { LayerSeam } from '../messenger/layer-seam.ts'
import type { MessengerOptions } from '../messenger/options.ts'
import type { Remover } from '../messenger/remover.ts'
import { Calls } from './calls.ts'
import type { CallHandler, ServeOptions, ServedCalls } from './desk.ts'
import type { CallOnceOptions } from './once-caller.ts'
import type { CallWatcher } from './watch.ts'

/**
 * A node of the system: it binds addresses, dials peers, keeps a {@link Connection} to each, and serves and makes calls.
 * Ends with `shutdown()`, or `await using`. The constructor throws `INK_BAD_OPTION` or `INK_UNKNOWN_POLICY`.
 */
export class Messenger extends Shell {
  readonly #calls: Calls

  /**
   * @throws InkwireError `INK_BAD_OPTION` or `INK_UNKNOWN_POLICY`, with a sentence that says what to write instead.
   */
  constructor(options: MessengerOptions) {
    super(options)
    this.#calls = new Calls(this.seam, this.loopback)
    this.useService(this.#calls)
  }

  /**
   * Handles calls of one kind, of every connection. What the handler answers, or its promise gives, is the reply; what it
   * throws is the caller's `CallError`, with its `code` and message.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` for what is no call, or has a handler already; `INK_BAD_OPTION`.
   */
  serve<Body, ReplyBody, RequestInput, ReplyInput>(
    call: CallType<Body, ReplyBody, RequestInput, ReplyInput>,
    handler: CallHandler<Body, ReplyInput>,
    options: ServeOptions<Body> = {},
  ): ServedCalls {
    return this.#calls.serve(call, handler, options)
  }

  /**
   * Makes a call that runs once, however often it has to be asked: when its session is lost, or the server is busy, it is asked again
   * over what `connect` gives then, and the server knows the attempts as one call. A later attempt waits for the handler of the first, or
   * is told its outcome. What may have run in a process of the server that is gone is not asked of the next one: then the call
   * fails, `indeterminate`. A server that does not know of such calls, as an earlier version, is never asked again after that either.
   *
   * @param connect gives the connection for an attempt: the same one while it lives, as `() => messenger.connect(address)` does.
   * @throws CallError when it has ended otherwise, or could not be made in so many attempts. InkwireError `INK_BAD_ARGUMENT`,
   *   `INK_BAD_OPTION`; what `connect` throws, and what `connection.call()` throws for a body that is wrong.
   */
  callOnce<Request, Body, RequestInput, ReplyInput>(
    connect: () => Connection,
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOnceOptions = {},
  ): Promise<Reply<Body>> {
    return this.#calls.callOnce(connect, call, body, options)
  }

  /** For the layers that are made beside a messenger: its time and chance, so that a simulation rules them, too. @internal */
  static seamOf(messenger: Messenger): LayerSeam {
    return messenger.seam
  }

  /**
   * Watches every call from now on, those that are asked here and those that are served; the function that is returned ends that.
   * For measures and traces: a watcher decides nothing of a call. What it throws is the event `subscriberError`, of `calls`.
   *
   * @throws InkwireError `INK_BAD_OPTION` for what has no `began()`.
   */
  watchCalls(watcher: CallWatcher): Remover {
    return this.#calls.watch(watcher)
  }

  /** @internal */
  protected override callLayer(): CallLayer<Connection> {
    return this.#calls
  }
}
