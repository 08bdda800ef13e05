/**
 * The layer of transactions of one messenger: a service on every session, the calls of every connection, and the handlers.
 *
 * It stands over the service seam alone. A connection costs it nothing until there is a call. There is one timer for all
 * deadlines, and none when nothing has one.
 */
import { InkwireError } from '../common/errors.ts'
import { describe, methodsOption } from '../common/options.ts'
import { isBytes, localBytes } from '../common/bytes.ts'
import { Alarm, Alarms } from '../messenger/alarm.ts'
import type { CallLayer, CallOptions, CallType, Metadata, Reply, Transaction } from '../messenger/calls.ts'
import { lasting } from '../messenger/chunk.ts'
import type { Connection } from '../messenger/connection.ts'
import type { LayerSeam } from '../messenger/layer-seam.ts'
import { checkTimeout } from '../messenger/message-init.ts'
import type { Service, ServiceSession } from '../messenger/service.ts'
import { encodeBody } from '../messenger/typed-message.ts'
import { signalOf } from '../messenger/waiters.ts'
import { CONTROL_LANE, NO_OUTCOME, PRIORITY, laneOf, type InboundMessage, type Outcome } from '../wire/message.ts'
import type { Verdict } from '../wire/service.ts'
import { UnaryCall, refused, whyOf, type AskedCall } from './asked-call.ts'
import { CallError } from './call-error.ts'
import { Deadlines } from './machine/deadlines.ts'
import { checkCall } from './define-call.ts'
import { CallDesk, type CallHandler, type ServeOptions, type ServedCalls } from './desk.ts'
import { OnwardCall, rawCall } from './forward.ts'
import { inherited, inheritedMs } from './inheritance.ts'
import { LocalSession } from './local-session.ts'
import { NO_METADATA, metadataOf, noteOf, notInherited } from './metadata.ts'
import type { ForwardedFrom, Onward } from './onward.ts'
import { checkSize } from './parts.ts'
import type { OutRecord } from './machine/outgoing.ts'
import type { AnyHalf } from './machine/pump.ts'
import { OnceCaller, type CallOnceOptions, type OnceWorld } from './once-caller.ts'
import { onceNote, type OnceNote } from './machine/once.ts'
import { NO_CALLS, SessionCalls, type CallsWorld, type Carried } from './session-calls.ts'
import { TransactionHandle, OpenTransaction } from './transaction.ts'
import { KIND, type CallFailure } from './machine/words.ts'
import { WaitCycles } from './wait-cycles.ts'
import { CallWatchers, type CallWatcher, type Following } from './watch.ts'
import type { Remover } from '../messenger/remover.ts'

/** The number that marks its messages. */
const SERVICE_NUMBER = 1
const NO_NOTE = new Uint8Array(0)
const OPTIONS = ['timeoutMs', 'signal', 'data', 'priority', 'inherit', 'metadata'] as const

/** A call that was checked. */
interface Prepared {
  readonly calls: SessionCalls
  readonly request: OutRecord
  /** Its metadata; null: none. */
  readonly note: Uint8Array | null
  readonly following: Following | null
  readonly kind: { readonly type: number; readonly version: number; readonly priority: number }
  readonly signal: AbortSignal | undefined
  readonly deadlineMs: number
  readonly nowMs: number
  /** Why it cannot be made. */
  readonly refusal: CallFailure | null
}

export class Calls implements CallLayer<Connection>, Service {
  readonly name = 'transactions'
  readonly number = SERVICE_NUMBER
  readonly atOnce = true
  readonly #desk: CallDesk
  readonly #once: OnceCaller
  /** Of every connection that has, or had, a link. */
  readonly #sessions = new Map<Connection, ServiceSession>()
  /** Of those on which something was called. */
  readonly #all = new Map<Connection, SessionCalls>()
  readonly #deadlines = new Deadlines<AnyHalf>()
  readonly #alarm: Alarm
  readonly #world: CallsWorld
  readonly #waits: WaitCycles
  readonly #clock: LayerSeam['clock']
  readonly #loopback: Connection
  readonly #watchers: CallWatchers

  /** `loopback` is the messenger's own; it has no session but the one that is made here. */
  constructor(seam: LayerSeam, loopback: Connection) {
    this.#clock = seam.clock
    this.#loopback = loopback
    this.#watchers = new CallWatchers((error, connection) => {
      seam.report({ type: 'subscriberError', stream: 'calls', connection, error })
    })
    this.#desk = new CallDesk(seam, this.#watchers, loopback.peer.instance ?? '')
    this.#once = new OnceCaller(this.#onceWorld(seam))
    this.#alarm = new Alarm(new Alarms(seam.clock), this)
    this.#waits = new WaitCycles(seam, this.#all)
    this.#world = {
      clock: seam.clock,
      desk: this.#desk,
      deadlines: this.#deadlines,
      ring: () => {
        this.#alarm.ringBy(this.#deadlines.nextMs)
      },
      forward: (from, onward) => this.#forward(from, onward),
    }
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
      knowsOnce: (connection) => this.#callsOf(connection)?.session?.knowsOnce === true,
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
      const { calls, kind, refusal } = prepared
      if (refusal !== null) {
        reject(CallError.of(call.callName, refusal))
        return
      }
      const asked = new UnaryCall(calls, call, kind, laneOf(kind.priority))
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
    const { calls, kind, refusal } = prepared
    const asked = new OpenTransaction(calls, call, kind, laneOf(kind.priority))
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
    this.#sessions.set(session.connection, session)
    this.#all.get(session.connection)?.adopted(session)
  }

  reset({ connection }: ServiceSession, outcome: Outcome): void {
    this.#all.get(connection)?.reset(outcome)
  }

  ended({ connection }: ServiceSession, outcome: Outcome): void {
    this.#sessions.delete(connection)
    this.#end(connection, outcome)
  }

  message(session: ServiceSession, message: InboundMessage, words: Uint8Array): Verdict {
    const calls = this.#all.get(session.connection) ?? this.#add(session.connection)
    if (message.lane === CONTROL_LANE) calls.word(words)
    else calls.message(message, words)
    return 'taken'
  }

  borrows(session: ServiceSession, words: Uint8Array): boolean {
    return this.#all.get(session.connection)?.exchange.takesAtOnce(words) === true
  }

  stop(): void {
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
    checkCall(what, call)
    const signal = signalOf(what, options, OPTIONS)
    const timeoutMs = checkTimeout(what, options.timeoutMs) ?? Infinity
    const data = bytesOption(what, options.data)
    const front = encodeBody(call.request, body, call.callName)
    checkSize(what, front.byteLength + (data?.byteLength ?? 0))
    const kind = { type: call.type, version: call.version, priority: priorityOption(what, options.priority) }
    const nowMs = this.#clock.nowMs()
    const from = options.inherit === false ? undefined : inherited()
    const leftMs = Math.min(timeoutMs, inheritedMs(from))
    let note = noteOf(what, options.metadata, from?.metadata ?? NO_METADATA)
    const request: OutRecord = { kind: KIND.OPEN, front, data }
    const calls = this.#callsOf(connection)
    let refusal: CallFailure | null = null
    if (signal?.aborted === true) refusal = refused('cancelled-local', '', whyOf(signal))
    else if (calls === null) refusal = refused('disconnected', 'INK_CLOSED', 'the connection is closed')
    else if (calls.session?.marks === false) refusal = refused('refused', 'INK_INCOMPATIBLE', NO_CALLS)
    const following = refusal === null && this.#watchers.any ? this.#watched(connection, call, note) : null
    const more = following?.metadata ?? null
    if (more !== null) note = noteWith(note, more)
    return {
      // Of a closed connection: those of nobody, which do nothing.
      calls: calls ?? new SessionCalls(this.#world, connection),
      request,
      note,
      following,
      kind,
      signal,
      deadlineMs: nowMs + leftMs,
      nowMs,
      refusal,
    }
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

  /** Null: the connection is closed. */
  #callsOf(connection: Connection): SessionCalls | null {
    const calls = this.#all.get(connection)
    if (calls !== undefined) return calls
    if (connection.state === 'closed') return null
    return connection === this.#loopback ? this.#addLoopback(connection) : this.#add(connection)
  }

  #add(connection: Connection): SessionCalls {
    const calls = new SessionCalls(this.#world, connection)
    this.#all.set(connection, calls)
    const session = this.#sessions.get(connection)
    if (session !== undefined) calls.adopted(session)
    else {
      const complete = (): void => {
        // Nobody is told of the end of a session that never was.
        if (!this.#sessions.has(connection)) this.#end(connection, NO_OUTCOME)
      }
      void connection.closed.then(complete)
    }
    return calls
  }

  #addLoopback(connection: Connection): SessionCalls {
    const [asking, serving] = [new SessionCalls(this.#world, connection), new SessionCalls(this.#world, connection)]
    const [there, back] = [new LocalSession(this.#clock, serving), new LocalSession(this.#clock, asking)]
    this.#all.set(connection, asking)
    serving.adopted(back)
    asking.adopted(there)
    const complete = (): void => {
      this.#end(connection, there.withdraw())
      serving.ended(back.withdraw())
    }
    void connection.closed.then(complete)
    return asking
  }

  #end(connection: Connection, outcome: Outcome): void {
    const calls = this.#all.get(connection)
    this.#all.delete(connection)
    calls?.ended(outcome)
  }
}

function begin(asked: AskedCall, prepared: Prepared, streams: boolean): void {
  const { request, note, following, signal, deadlineMs, nowMs, calls } = prepared
  asked.following = following
  asked.note = note
  asked.deadlineMs = deadlineMs
  calls.exchange.asking.ask(asked, request, streams, nowMs)
  asked.attach(signal)
}

/** The note with what a watcher adds; as it was where there is no room for that: a watcher must not fail a call. */
function noteWith(note: Uint8Array | null, more: Metadata): Uint8Array | null {
  try {
    return noteOf('', { ...metadataOf(note ?? NO_NOTE), ...more }, NO_METADATA)
  } catch {
    return note
  }
}

function bytesOption(what: string, data: unknown): Uint8Array | null {
  if (data === undefined) return null
  if (isBytes(data)) return lasting(localBytes(data))
  throw new InkwireError('INK_BAD_ARGUMENT', `${what}: data is a Uint8Array, not ${describe(data)}`)
}

function priorityOption(what: string, priority: unknown): number {
  if (priority === undefined) return PRIORITY.DEFAULT
  if (Number.isInteger(priority) && (priority as number) >= 0 && (priority as number) <= 255) return priority as number
  throw new InkwireError(
    'INK_BAD_ARGUMENT',
    `${what}: priority is a whole number from 0 to 255, not ${describe(priority)}`,
  )
}
