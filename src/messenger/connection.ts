/**
 * What the application holds: one peer, one session at a time, whatever happens to the sockets underneath.
 *
 * A thin handle: everything is done by its core and its face (connection-core.ts). Sending is fire-and-forget with a
 * hard limit; `deliver()` tells the outcome of one message; `close()` drains, `markDown()` does not.
 */
import type { Observable } from 'rxjs'
import { INSPECT, printed } from '../common/inspect.ts'
import type { Inspect } from '../common/inspect.ts'
import type { Policy } from '../policies/policy.ts'
import type { StateName } from '../session/machine.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { CallOptions, CallType, Reply, Transaction } from './calls.ts'
import type { CloseOptions, ConnectionCore, ConnectionFace, MessageLoop } from './connection-core.ts'
import type { ConnectionEnd } from './connection-ends.ts'
import type { MessageInit } from './message-init.ts'
import type { ConnectionDump } from './dump.ts'
import type { KnownPath, PathInfo } from './path-info.ts'
import type { Peer } from './peer.ts'
import type { WaitOptions } from './waiters.ts'

/** A session with one peer. Made by `messenger.connect()`, or handed to `onAccept` and handlers. */
export class Connection implements AsyncDisposable {
  readonly #core: ConnectionCore
  readonly #face: ConnectionFace<Connection>

  /** @internal */
  constructor(core: ConnectionCore, face: ConnectionFace<Connection>) {
    this.#core = core
    this.#face = face
  }

  /** Who is at the other end, as far as it is known by now. */
  get peer(): Peer {
    return this.#core.peer
  }

  /** What a lost link means here. */
  get policy(): Policy {
    return this.#core.policy
  }

  /** Where the state machine stands; see docs/STATES.md. */
  get state(): StateName {
    return this.#core.state
  }

  /** The state now, and every change; completes after `closed`. Never errors. */
  get state$(): Observable<StateName> {
    return this.#face.state$
  }

  /** Every message as it is dispatched; hot, without replay; completes on close, before its end is told. Never errors. */
  get messages$(): Observable<InboundMessage> {
    return this.#face.messages$
  }

  /**
   * Resolves when a link carries the session; at once when one does. A dial that finds nobody is tried again, and waited
   * for: give a signal to whoever is in a hurry.
   *
   * @throws InkwireError the reason of the end when the connection ends first, `INK_CLOSED` when it has ended already,
   *   `INK_ABORTED`.
   */
  opened(options: WaitOptions = {}): Promise<void> {
    return this.#face.opened(options)
  }

  /**
   * How the connection ended, once it has: why, and what was not delivered. Never rejects; every reader gets the same promise.
   */
  get closed(): Promise<ConnectionEnd> {
    return this.#face.closed
  }

  /** Fires when the connection ends; its reason is the InkwireError that says why. */
  get signal(): AbortSignal {
    return this.#face.signal
  }

  /**
   * Every message of this connection, one after the other, from this call on: `for await (const message of …)`. It stands
   * before all handlers but `fastDispatch`. A message belongs to the loop until it asks for the next one; then it is acked, its
   * credit is given back, and of a policy that lends its bytes are no longer right. So a slow loop slows down its peer, and a loop
   * that awaits `close()` waits for itself: leave it first.
   *
   * The loop ends with the connection, without an error (`closed` has the reason). Left by `break` or an error, it has done with
   * the message in hand; what came after that goes to the handlers, also after an abort.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` when there is a loop over its messages already; `INK_ABORTED` as a rejection of
   *   `next()`, once.
   */
  messages(options: WaitOptions = {}): MessageLoop {
    return this.#face.messages(options)
  }

  /**
   * Queues a message. What becomes of it, the policy promises; what cannot be delivered comes back with a reset. The
   * bytes belong to the messenger until then. One whose `expiresMs` are over before it is on a link is the event
   * `undeliverable`.
   *
   * @returns false when the queue is above its high-water mark: the message is accepted, but wait for `drained()`.
   * @throws InkwireError `INK_CLOSED`, `INK_BAD_ARGUMENT`, `INK_MESSAGE_TOO_LARGE`, or `INK_QUEUE_FULL` past the hard limit.
   */
  send(message: MessageInit): boolean {
    return this.#face.send(message)
  }

  /**
   * Sends a message and resolves when the peer's handler has finished with it. Aborting takes the message back when it was
   * on no link yet: then it is never sent (`outcome: 'undelivered'`). What is on a link goes on, and is in doubt (`unknown`).
   *
   * @throws what `send()` throws, as a rejection.
   * @throws InkwireError `INK_RESET` (or another reason for the end) with `outcome`: `undelivered` or `unknown`;
   *   `INK_ABORTED`, `INK_EXPIRED`.
   */
  deliver(message: MessageInit, options: WaitOptions = {}): Promise<void> {
    return this.#face.deliver(message, options)
  }

  /**
   * Calls the peer's handler of this call, which it has by `serve()`, and gives its reply. Nothing of the call is left when it
   * has ended; what its signal or its deadline ends before it was on a link is never sent.
   *
   * @throws CallError as a rejection: its `reason` says who ended the call, `indeterminate` whether the handler may have run.
   * @throws InkwireError `INK_BAD_ARGUMENT`.
   */
  call<Request, Body, RequestInput, ReplyInput>(
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOptions = {},
  ): Promise<Reply<Body>> {
    return this.#face.calls.call(this, call, body, options)
  }

  /**
   * Begins a call whose two sides may send parts.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT`. What else goes wrong ends the transaction.
   */
  transact<Request, Body, RequestInput, ReplyInput>(
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOptions = {},
  ): Transaction<Body> {
    return this.#face.calls.transact(this, call, body, options)
  }

  /**
   * Resolves when the queue is below half of its high-water mark; at once when it is.
   *
   * @throws InkwireError `INK_CLOSED` when the connection is closed, the reason of the end when it ends first,
   *   `INK_ABORTED`.
   */
  drained(options: WaitOptions = {}): Promise<void> {
    return this.#face.drained(options)
  }

  /**
   * How long the peer takes to answer now, in ms: by a question of the protocol itself, that waits for no handler and no credit, but
   * for what the link was given before. Waits for a link when none carries the session. Never ends a connection.
   *
   * @throws InkwireError `INK_CLOSED` when the connection is closed, the reason of the end when it ends first,
   *   `INK_ABORTED`.
   */
  ping(options: WaitOptions = {}): Promise<number> {
    return this.#core.ping(options)
  }

  /** The link that carries the session now, and what went over it; null: none does, or it is a messenger's to itself. */
  get path(): PathInfo | null {
    return this.#core.path
  }

  /** All known ways to the peer, that of now first, then those in reserve and how far it is there; at most 17. */
  get paths(): readonly KnownPath[] {
    return this.#core.ways.known
  }

  /** The path of now, and every other one; null while there is none. Completes on close. Never errors. */
  get path$(): Observable<PathInfo | null> {
    return this.#face.path$
  }

  /**
   * Takes the session to another path: the peer is dialled at this address, and when it has proved to be the same peer with the
   * same session, both sides leave the old path in order. Messages flow meanwhile: none is lost, sent twice or reordered,
   * and nobody hears of it but by the event `pathSwitched`. When it fails, the session stays where it is. While there is no
   * path it waits for one, and while the session is on its way elsewhere for the end of that; a later call takes the place
   * of an earlier one. Aborting gives up the new path, unless the session is there already.
   *
   * @returns the new path; the one of now when the session is there already.
   * @throws InkwireError at once: `INK_BAD_ADDRESS`; `INK_BAD_ARGUMENT` for a lossy() or losslessServer() connection, or the
   *   loopback; `INK_CLOSED`. As a rejection: `INK_PATH_FAILED`, `INK_INCOMPATIBLE` when the peer's version cannot, `INK_ABORTED`,
   *   or why the connection ended.
   */
  switchTo(address: string, options: WaitOptions = {}): Promise<PathInfo> {
    return this.#core.switchTo(address, options)
  }

  /**
   * Ends the connection at once, also in a callback. Nothing is sent, dispatched or reported on it afterwards, but that
   * an outcome which is being told reaches every dispatcher; the peer is told if it can be.
   *
   * @returns what was not delivered, or may not have been.
   */
  markDown(): Outcome {
    return this.#core.markDown()
  }

  /**
   * Takes no more messages, but for what handlers that still run send; waits until they have ended and all is acked, says
   * goodbye and closes. A connection that has lost its link dials once more to say what it has handled. Calling it again
   * waits for the same end, and with options of its own: the earliest deadline and any signal end it for all.
   *
   * A handler must not await it: it is told so at once (`INK_DEADLOCK`) when it calls it before its first `await`, and waits
   * in vain until the deadline when it calls it later. Calling it without `await` is fine anywhere.
   *
   * @throws InkwireError `INK_DRAIN_TIMEOUT` or `INK_ABORTED`: then it is closed at once and `onReset` has the messages.
   *   Also the reason for which the session ended before (`INK_RESET`, `INK_PEER_CLOSED`, `INK_MARKED_DOWN`,
   *   `INK_STANDBY_EXPIRED`, `INK_TAKEN_OVER` …) when that took messages along.
   */
  close(options: CloseOptions = {}): Promise<void> {
    return this.#core.close(options)
  }

  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Everything worth knowing, as plain data for people. */
  dump(): ConnectionDump {
    return this.#core.dump()
  }

  /** The short of it, for JSON and logs; `dump()` has all. */
  toJSON(): object {
    const { peer, policy, state } = this
    const { queuedMessages, heldMessages, lastFault } = this.dump()
    return { peer, policy: policy.kind, state, queuedMessages, heldMessages, lastFault }
  }

  /** As `console.log` shows it. */
  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return printed('Connection', this.toJSON(), options, inspect)
  }
}
