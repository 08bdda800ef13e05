/**
 * The layer of transactions of one messenger: a service on every session, what is called, and the handlers.
 *
 * It stands over the service seam alone. There is one timer for all deadlines, and none when nothing has one.
 */
import { Deadlines } from '../common/deadlines.ts'
import { methodsOption } from '../common/options.ts'
import { Alarm, Alarms } from '../messenger/alarm.ts'
import type { CallLayer, CallOptions, CallType, Metadata, Reply, Transaction } from '../messenger/calls.ts'
import type { Connection } from '../messenger/connection.ts'
import type { LayerSeam } from '../messenger/layer-seam.ts'
import type { Remover } from '../messenger/remover.ts'
import type { Service, ServiceSession } from '../messenger/service.ts'
import { CONTROL_LANE, laneOf, type InboundMessage } from '../wire/message.ts'
import { type Outcome } from '../wire/outcome.ts'
import type { Verdict } from '../wire/service.ts'
import { UnaryCall, refused, whyOf } from './asked-call.ts'
import { CallError } from './call-error.ts'
import { CallSessions } from './call-sessions.ts'
import { CallDesk } from './desk.ts'
import { type CallHandler, type ServeOptions, type ServedCalls } from './serve-options.ts'
import { OnwardCall, rawCall } from './forward.ts'
import { onceNote, type OnceNote } from './machine/once.ts'
import type { AnyHalf } from './machine/pump.ts'
import type { CallFailure } from './machine/words.ts'
import { NO_METADATA, metadataOf, noteOf, notInherited } from './metadata.ts'
import { OnceCaller, type CallOnceOptions, type OnceWorld } from './once-caller.ts'
import type { ForwardedFrom, Onward } from './onward.ts'
import { begin, wantedCall, type Prepared } from './prepared-call.ts'
import { NO_CALLS, SessionCalls, type CallsWorld, type Carried } from './session-calls.ts'
import { OpenTransaction, TransactionHandle } from './transaction.ts'
import { WaitCycles } from './wait-cycles.ts'
import { CallWatchers, type CallWatcher, type Following } from './watch.ts'

/** The number that marks its messages. */
const SERVICE_NUMBER = 1
const NO_NOTE = new Uint8Array(0)

export class Calls implements CallLayer<Connection>, Service {
  readonly name = 'transactions'
  readonly number = SERVICE_NUMBER
  readonly atOnce = true
  readonly #desk: CallDesk
  readonly #once: OnceCaller
  readonly #sessions: CallSessions
  readonly #deadlines = new Deadlines<AnyHalf>()
  readonly #alarm: Alarm
  readonly #world: CallsWorld
  readonly #waits: WaitCycles
  readonly #clock: LayerSeam['clock']
  readonly #watchers: CallWatchers

  /** `loopback` is the messenger's own; it has no session but the one that is made here. */
  constructor(seam: LayerSeam, loopback: Connection) {
    this.#clock = seam.clock
    this.#watchers = new CallWatchers((error, connection) => {
      seam.report({ type: 'subscriberError', stream: 'calls', connection, error })
    })
    this.#desk = new CallDesk(seam, this.#watchers, loopback.peer.instance ?? '')
    this.#once = new OnceCaller(this.#onceWorld(seam))
    this.#alarm = new Alarm(new Alarms(seam.clock), this)
    this.#world = {
      clock: seam.clock,
      desk: this.#desk,
      deadlines: this.#deadlines,
      ring: () => {
        this.#alarm.ringBy(this.#deadlines.nextMs)
      },
      rest: () => {
        this.#alarm.clear()
      },
      forward: (from, onward) => this.#forward(from, onward),
    }
    this.#sessions = new CallSessions(this.#world, loopback)
    this.#waits = new WaitCycles(seam, this.#sessions.all)
  }

  serve<Body, ReplyBody, RequestInput, ReplyInput>(
    call: CallType<Body, ReplyBody, RequestInput, ReplyInput>,
    handler: CallHandler<Body, ReplyInput>,
    options: ServeOptions<Body> = {},
  ): ServedCalls {
    return this.#desk.serve(call, handler, options)
  }

  call<Request, Body, RequestInput, ReplyInput>(
    connection: Connection,
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOptions,
  ): Promise<Reply<Body>> {
    return this.#ask('call()', connection, call, body, options, null)
  }

  /** As often as it is needed; `once`: it runs once all the same. */
  callOnce<Request, Body, RequestInput, ReplyInput>(
    connect: () => Connection,
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOnceOptions,
  ): Promise<Reply<Body>> {
    return this.#once.call(connect, call, body, options)
  }

  #onceWorld({ clock, random }: LayerSeam): OnceWorld {
    return {
      clock,
      random,
      knowsOnce: (connection) => this.#sessions.of(connection)?.session?.knowsOnce === true,
      ask: (connection, call, body, options, once) => this.#ask('callOnce()', connection, call, body, options, once),
    }
  }

  /** `once`: what its peer is told of attempts; null: it is a call like any other. */
  #ask<Request, Body, RequestInput, ReplyInput>(
    what: string,
    connection: Connection,
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOptions,
    once: OnceNote | null,
  ): Promise<Reply<Body>> {
    return new Promise<Reply<Body>>((resolve, reject) => {
      const prepared = this.#prepare(what, connection, call, body, options)
      const { calls, refusal, wanted } = prepared
      if (refusal !== null) {
        reject(CallError.of(call.callName, refusal))
        return
      }
      const asked = new UnaryCall(calls, call, wanted.kind, laneOf(wanted.kind.priority))
      asked.settle(resolve, reject)
      begin(asked, once === null ? prepared : { ...prepared, note: onceNote(once, prepared.note) }, false)
      this.#waits.look(prepared.nowMs)
    })
  }

  transact<Request, Body, RequestInput, ReplyInput>(
    connection: Connection,
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOptions,
  ): Transaction<Body> {
    const prepared = this.#prepare('transact()', connection, call, body, options)
    const { calls, refusal, wanted } = prepared
    const asked = new OpenTransaction(calls, call, wanted.kind, laneOf(wanted.kind.priority))
    if (refusal === null) begin(asked, prepared, true)
    else asked.refuse(refusal)
    this.#waits.look(prepared.nowMs)
    return new TransactionHandle<Body>(asked)
  }

  watch(watcher: CallWatcher): Remover {
    return this.#watchers.add(methodsOption('watchCalls()', watcher, ['began'], 'a watcher of calls'))
  }

  // What the sessions tell.

  adopted(session: ServiceSession): void {
    this.#sessions.adopted(session)
  }

  reset(session: ServiceSession, outcome: Outcome): void {
    this.#sessions.reset(session, outcome)
  }

  ended(session: ServiceSession, outcome: Outcome): void {
    this.#sessions.ended(session, outcome)
  }

  message({ connection }: ServiceSession, message: InboundMessage, words: Uint8Array): Verdict {
    const calls = this.#sessions.at(connection)
    if (message.lane === CONTROL_LANE) calls.word(words)
    else calls.message(message, words)
    return 'taken'
  }

  borrows({ connection }: ServiceSession, words: Uint8Array): boolean {
    return this.#sessions.all.get(connection)?.exchange.takesAtOnce(words) === true
  }

  stop(): void {
    this.#alarm.clear()
    this.#waits.stop()
  }

  /** A deadline is due. */
  rung(): void {
    const nowMs = this.#clock.nowMs()
    for (let half = this.#deadlines.due(nowMs); half !== undefined; half = this.#deadlines.due(nowMs)) {
      ;(half as Carried).calls.exchange.expired(half, nowMs)
    }
    this.#alarm.ringBy(this.#deadlines.nextMs)
  }

  #prepare<Request, Body, RequestInput, ReplyInput>(
    what: string,
    connection: Connection,
    call: CallType<Request, Body, RequestInput, ReplyInput>,
    body: RequestInput,
    options: CallOptions,
  ): Prepared {
    const wanted = wantedCall(what, call, body, options)
    const nowMs = this.#clock.nowMs()
    const calls = this.#sessions.of(connection)
    let refusal: CallFailure | null = null
    if (wanted.signal?.aborted === true) refusal = refused('cancelled-local', '', whyOf(wanted.signal))
    else if (calls === null) refusal = refused('disconnected', 'INK_CLOSED', 'the connection is closed')
    else if (calls.session?.marks === false) refusal = refused('refused', 'INK_INCOMPATIBLE', NO_CALLS)
    const following = refusal === null && this.#watchers.any ? this.#watched(connection, call, wanted.note) : null
    const more = following?.metadata ?? null
    const note = more === null ? wanted.note : noteWith(wanted.note, more)
    // Of a closed connection: those of nobody, which do nothing.
    return { wanted, calls: calls ?? new SessionCalls(this.#world, connection), note, following, nowMs, refusal }
  }

  /** A handler hands its call on. */
  #forward(from: ForwardedFrom, { connection, request, streams, timeoutMs }: Onward): OnwardCall {
    const { callName, kind, metadata } = from
    const call = rawCall(callName, kind)
    const { front, data } = request
    // What is inherited comes by itself, with what a watcher has made of it.
    const options = { data, priority: kind.priority, timeoutMs, metadata: notInherited(metadata) }
    const prepared = this.#prepare('forward()', connection, call, front, options)
    const asked = new OnwardCall(prepared.calls, call, from, streams)
    if (prepared.refusal === null) begin(asked, prepared, streams)
    else asked.refuse(prepared.refusal)
    return asked
  }

  #watched(
    connection: Connection,
    { callName }: { readonly callName: string },
    note: Uint8Array | null,
  ): Following | null {
    const metadata = note === null ? NO_METADATA : metadataOf(note)
    return this.#watchers.began({ side: 'asked', connection, callName, metadata })
  }
}

/** The note with what a watcher adds; as it was where there is no room for that: a watcher must not fail a call. */
function noteWith(note: Uint8Array | null, more: Metadata): Uint8Array | null {
  try {
    return noteOf('', { ...metadataOf(note ?? NO_NOTE), ...more }, NO_METADATA)
  } catch {
    return note
  }
}
