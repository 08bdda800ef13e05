/**
 * A call as its server has it: the machine's half, and the run of its handler.
 *
 * The handler is user code, under guard: whatever it throws or rejects with is the call's failure, once. It runs in the context
 * in which it was registered; what calls that it makes inherit is in inheritance.ts.
 */
import { InkwireError, type MessageFate } from '../common/errors.ts'
import { isThenable } from '../messenger/attempt.ts'
import type { Metadata } from '../messenger/calls.ts'
import type { Connection } from '../messenger/connection.ts'
import type { Settle } from '../wire/message.ts'
import { Served, type CallKind, type SentMessage, type ServedOwner } from './machine/half.ts'
import type { InRecord } from './machine/incoming.ts'
import { checkForward, type ForwardOptions } from './forward.ts'
import type { ForwardedFrom, OnwardHalf } from './onward.ts'
import { HandlerCall } from './handler-call.ts'
import { HandlerSide } from './handler-side.ts'
import { inheritedWith, inheriting, type Inherited } from './inheritance.ts'
import { metadataOf } from './metadata.ts'
import type { OutReply } from './machine/replies.ts'
import { behindOnce } from './machine/once.ts'
import type { OnceAttempt, OnceCall } from './machine/served-once.ts'
import { ForwardedReply, failureOf, replyOf, unreadable } from './served-reply.ts'
import type { CallSession, SessionCalls } from './session-calls.ts'
import type { ServedKind, WaitingCall } from './served-kind.ts'
import type { CallFailure, CallReason } from './machine/words.ts'
import type { CallWatchers, Following } from './watch.ts'

/** Those calls of one kind. */
export type CallsServed = ServedKind<ServedCall>

export class ServedCall extends Served implements ServedOwner, Settle, WaitingCall, ForwardedFrom, OnceCall {
  readonly owner = this
  readonly calls: SessionCalls
  readonly served: CallsServed
  /** Of the service's `orderKey`: of calls with the same one, one runs at a time. */
  orderKey: unknown = undefined
  /** It has its key, and waits for its turn. */
  isNext = false
  /** It is to run once, however often it is asked; null: it runs whenever it comes. */
  readonly once: OnceAttempt<ServedCall> | null
  /** Who watches it; null: nobody. */
  following: Following | null = null
  #request: InRecord | null = null
  #body: unknown = undefined
  #metadata: Metadata | null = null
  #side: HandlerSide | null = null
  #session: CallSession | null = null
  /** It was handed on; null: it was not. */
  #onward: OnwardHalf | null = null

  constructor(
    calls: SessionCalls,
    served: CallsServed,
    kind: CallKind,
    lane: number,
    id: number,
    note: Uint8Array,
    once: OnceAttempt<ServedCall> | null,
  ) {
    super(kind, lane, id, once === null ? note : behindOnce(note))
    this.calls = calls
    this.served = served
    this.once = once
  }

  /** The request is whole. False: it is none, and its caller hears that. */
  arrived(request: InRecord): boolean {
    this.#request = request
    try {
      this.#body = this.served.decode(request.front)
    } catch (cause) {
      this.end(null, unreadable(cause))
      return false
    }
    if (this.served.rules.orderKey === null) return true
    try {
      this.orderKey = this.served.keyOf(this.#body, new HandlerCall(this, request.data))
      return true
    } catch (thrown) {
      this.#failed(thrown, false)
      return false
    }
  }

  /** Its handler is about to begin: whoever watches is asked whether to follow it. */
  follow(watchers: CallWatchers): void {
    const { callName, metadata } = this
    this.following = watchers.began({ side: 'served', connection: this.calls.connection, callName, metadata })
  }

  /** Runs the handler; `onEnd` is called when it has ended. True: it has, before this returns. */
  run(onEnd: (call: ServedCall) => void): boolean {
    const body = this.#body
    this.join()
    this.once?.attempts.began(this)
    try {
      const call = new HandlerCall(this, this.#request!.data)
      const answer = this.served.scope.run(runHandler, this, body, call)
      if (!isThenable(answer)) {
        this.#answered(answer)
        return true
      }
      this.#awaits(answer, onEnd)
      return false
    } catch (thrown) {
      this.#failed(thrown)
      return true
    }
  }

  /** Its handler runs from now on, or that of another attempt of the same call, whose end is its own. */
  join(): void {
    this.#session = this.calls.session
    this.#session?.hold()
    this.calls.exchange.replies.begin(this)
  }

  /** What is left of its time, in ms. */
  get leftMs(): number {
    return this.deadlineMs === Infinity ? Infinity : Math.max(0, this.deadlineMs - this.calls.nowMs)
  }

  get metadata(): Metadata {
    return (this.#metadata ??= metadataOf(this.note))
  }

  /** What its handler holds of it; made when it is asked for. */
  get side(): HandlerSide {
    return (this.#side ??= new HandlerSide(this))
  }

  /** Hands the call on. */
  async forward(connection: Connection, options: ForwardOptions): Promise<ForwardedReply> {
    const what = `${this.callName}: forward()`
    const to = checkForward(what, connection, options)
    if (this.#request === null) throw new InkwireError('INK_BAD_ARGUMENT', `${what}: its handler has ended`)
    this.#onward?.checkOver(what)
    if (this.#side?.aborted != null) throw this.#side.aborted
    const streams = !this.isWhole || (this.incoming !== null && this.incoming.unread > 0)
    const next = { ...to, request: this.#request, streams }
    const onward = inheriting(this.inherited, () => this.calls.forward(this, next))
    this.#onward = onward
    if (this.isUnwanted) onward.stopped()
    return new ForwardedReply(await onward.answer())
  }

  /** What its calls inherit from. */
  get inherited(): Inherited {
    const more = this.following?.metadata ?? null
    return more === null ? this : inheritedWith(this, more)
  }

  get callName(): string {
    return this.served.definition.callName
  }

  // What the machine tells.

  onReadable(): void {
    this.#side?.readable()
  }

  onBroken(detail: string): void {
    this.#onward?.broken(detail)
    this.side.broken(detail)
  }

  onUnwanted(): void {
    this.#onward?.stopped()
    this.#side?.unwanted()
  }

  onWritable(): void {
    this.#side?.writable()
  }

  onAborted(reason: CallReason, detail: string): void {
    if (this.#side?.aborted != null || this.once?.attempts.aborted(this, reason, detail) === true) return
    this.side.abort(reason, detail)
    this.#onward?.aborted(reason, detail)
  }

  acked(): void {
    this.calls.acked(this)
  }

  failed(fate: MessageFate, reason: Error, message: SentMessage): void {
    this.calls.failed(this, message, fate, reason)
  }

  /** Its handler has answered by a promise. Apart from `run`, which so makes no functions for those that answer at once. */
  #awaits(answer: PromiseLike<unknown>, onEnd: (call: ServedCall) => void): void {
    answer.then(
      (late: unknown) => {
        this.#answered(late)
        onEnd(this)
      },
      (thrown: unknown) => {
        this.#failed(thrown)
        onEnd(this)
      },
    )
  }

  #answered(answer: unknown): void {
    let reply: OutReply
    try {
      reply = replyOf(this.served.definition, answer)
    } catch (thrown) {
      this.#failed(thrown)
      return
    }
    this.end(reply, null)
  }

  /** What was thrown goes to the caller; what the next handler's call failed with, as it is. */
  #failed(thrown: unknown, ran = true): void {
    const passed = this.#onward?.failure ?? null
    this.end(null, passed !== null && thrown === this.#onward?.thrown ? passed : failureOf(thrown, ran))
  }

  /** With one of both. */
  end(reply: OutReply | null, failure: CallFailure | null): void {
    const { exchange, nowMs } = this.calls
    this.following?.ended(failure)
    this.once?.attempts.ended(this, reply, failure)
    if (reply !== null) exchange.replies.reply(this, reply, nowMs)
    else if (failure !== null) exchange.replies.fail(this, failure, nowMs)
    this.#side?.end()
    this.#onward?.aborted('cancelled-remote', 'the handler that has handed it on has ended')
    this.leave()
  }

  /** It holds nothing any more. */
  leave(): void {
    this.#request = null
    this.#body = undefined
    this.#session?.release()
    this.#session = null
  }
}

/** In the context in which it was registered, with what it inherits, and with what a watcher makes of it. */
function runHandler(this: ServedCall, body: unknown, call: HandlerCall): unknown {
  const { served, following } = this
  if (following === null) return inheriting(this, served.handler, body, call)
  return inheriting(this.inherited, () => following.run(() => served.handler(body, call)))
}
