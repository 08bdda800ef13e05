/**
 * The `Messenger` of the public surface: that of the shell, with the layer of transactions in its plug.
 *
 * The shell knows the terms of calls (messenger/calls.ts), not who does them, so that no room imports from one above it.
 */
import type { CallLayer, CallType, Reply } from '../messenger/calls.ts'
import type { Connection } from '../messenger/connection.ts'
import { Messenger as Shell } from '../messenger/messenger.ts'
import type { LayerSeam } from '../messenger/layer-seam.ts'
import type { Finder, FindOptions } from '../messenger/finder.ts'
import type { ConnectOptions, MessengerOptions as ShellOptions } from '../messenger/options.ts'
import type { Remover } from '../messenger/remover.ts'
import { InkwireError } from '../common/errors.ts'
import { badOption } from '../common/options.ts'
import { Calls } from './calls.ts'
import type { CallHandler, ServeOptions, ServedCalls } from './serve-options.ts'
import type { CallOnceOptions } from './once-caller.ts'
import type { CallWatcher } from './watch.ts'

/** Options of a messenger. */
export interface MessengerOptions extends ShellOptions {
  /**
   * Finds peers by name, for `connect({ name })`, and announces this messenger: `discovery({ lookups: […] })` of `inkwire/discovery`.
   * Called once, with the messenger that was made. Default: peers are dialled at their addresses only.
   */
  readonly discovery?: ((messenger: Messenger) => Finder) | undefined
}

/**
 * A node of the system: it binds addresses, dials peers, keeps a {@link Connection} to each, and serves and makes calls.
 * Ends with `shutdown()`, or `await using`. The constructor throws `INK_BAD_OPTION` or `INK_UNKNOWN_POLICY`.
 */
export class Messenger extends Shell {
  readonly #calls: Calls
  readonly #finder: Finder | null

  /**
   * @throws InkwireError `INK_BAD_OPTION` or `INK_UNKNOWN_POLICY`, with a sentence that says what to write instead.
   */
  constructor(options: MessengerOptions) {
    super(shellOptions(options))
    this.#calls = new Calls(this.seam, this.loopback)
    this.useService(this.#calls)
    this.#finder = options.discovery?.(this) ?? null
  }

  /**
   * The connection to a peer by its name, wherever it is: resolves as soon as the peer is found, which may be before it is open. From
   * then on the connection follows its name: when it has no link, and the peer is found elsewhere, that is where it is dialled.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` without the option `discovery`.
   * @throws InkwireError as a rejection: as `connect(address)`; `INK_ABORTED` when the signal fires before the peer is found; `INK_CLOSED`.
   */
  override connect(options: FindOptions): Promise<Connection>
  /**
   * The connection to a peer: the same peer gives the same Connection. Returns at once and dials in the background; the
   * messenger's own address gives `loopback`. Of several addresses of one peer, at most 16, the first is dialled first; where a dial
   * comes to nothing the next one follows at once, and only when all have failed does the policy's backoff begin. A connection
   * is shared by callers who ask for the same address, or for the same name at any. Who asks for a type or a name where an
   * earlier caller asked for nobody in particular, and nobody has
   * answered yet, gets one of its own: when both turn out to be the same peer, it ends with `INK_DUPLICATE_PEER`, and
   * `connect()` with that name gives the other from then on.
   *
   * @throws InkwireError `INK_BAD_ADDRESS`, `INK_BAD_OPTION`, `INK_UNKNOWN_POLICY`, `INK_CLOSED`, or `INK_REFUSED` when
   *   `limits.connectionsMax` is reached.
   */
  override connect(address: string | readonly string[], options?: ConnectOptions): Connection
  override connect(
    where: string | readonly string[] | FindOptions,
    options: ConnectOptions = {},
  ): Connection | Promise<Connection> {
    if (!isFind(where)) return super.connect(where, options)
    if (this.#finder !== null) return this.#finder.connect(where)
    const text = `connect({ name }) finds peers by the option discovery, which ${this.name} was made without; connect(address) needs none`
    throw new InkwireError('INK_BAD_ARGUMENT', text)
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

/** What the shell knows of; the rest is for the layers that are plugged in here. Throws `INK_BAD_OPTION`. */
function shellOptions(options: MessengerOptions): ShellOptions {
  // The shell says what is missing.
  if (typeof options !== 'object' || (options as unknown) === null) return options
  const { discovery, ...others } = options
  if (discovery !== undefined && typeof discovery !== 'function') {
    throw badOption("discovery is made by discovery({ lookups: […] }) of 'inkwire/discovery'")
  }
  return others
}

function isFind(where: unknown): where is FindOptions {
  return typeof where === 'object' && where !== null && !Array.isArray(where)
}
