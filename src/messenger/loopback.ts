/**
 * The connection of a messenger to itself: no wire, no session, the same contract.
 *
 * Messages are offered to `fastDispatch`, and go to the dispatch queue, in a turn of their own, never inside `send()`.
 * Limit: the default replay limit, and the same reactions as on any connection.
 */
import { ReplaySubject, Subject } from 'rxjs'
import type { Observable } from 'rxjs'
import { Deque } from '../common/deque.ts'
import { InkwireError } from '../common/errors.ts'
import type { Policy } from '../policies/policy.ts'
import type { StateName } from '../session/machine.ts'
import { InboundMessage, laneOf, NO_OUTCOME } from '../wire/message.ts'
import type { MessageOwner, OutboundMessage, Outcome } from '../wire/message.ts'
import type { Failure } from '../wire/verdict.ts'
import type { CallLayer } from './calls.ts'
import { Connection } from './connection.ts'
import type { CloseOptions, ConnectionCore } from './connection.ts'
import { ConnectionEnds } from './connection-ends.ts'
import type { ConnectionEnd } from './connection-ends.ts'
import type { MessageFeed } from './connection-messages.ts'
import type { Peer } from './peer.ts'
import { deliver, send } from './deliver.ts'
import type { Sender } from './deliver.ts'
import type { ConnectionDump } from './dump.ts'
import { Expiries } from './expiry.ts'
import type { ExpirySender } from './expiry.ts'
import { failureError } from './failure.ts'
import { Inbox } from './inbox.ts'
import type { InboxOwner } from './inbox.ts'
import { checkTimeout } from './message-init.ts'
import type { MessageInit } from './message-init.ts'
import { watched } from './stream.ts'
import { CLOSE_OPTIONS, Waiters, signalOf, waitsForItself } from './waiters.ts'
import type { WaitOptions } from './waiters.ts'
import type { Shared } from './shared.ts'

export class Loopback implements ConnectionCore, Sender, ExpirySender, InboxOwner, MessageOwner {
  readonly connection: Connection
  readonly policy: Policy
  readonly peer: Peer
  readonly expiries: Expiries
  readonly #shared: Shared
  readonly #inbox: Inbox
  /** Keeps the last state, also for whoever asks after the end. */
  readonly #states = new ReplaySubject<StateName>(1)
  readonly #messages = new Subject<InboundMessage>()
  readonly #draining = new Waiters()
  readonly #ending = new Waiters()
  readonly #ends = new ConnectionEnds()
  /** Sent in this turn, while somebody takes messages inline. */
  readonly #arriving = new Deque<InboundMessage>()
  #offering: 'none' | 'due' = 'none'
  /** Accepted and not finished, in order. */
  readonly #pending = new Map<InboundMessage, OutboundMessage>()
  #messageCount = 0
  #byteCount = 0
  #total = 0
  #withdrawn = 0
  #failed = 0
  #life: 'open' | 'draining' | 'closed' = 'open'

  constructor(shared: Shared, policy: Policy, peer: Peer) {
    this.#shared = shared
    this.expiries = new Expiries(shared.runtime.clock, this)
    this.policy = policy
    this.peer = peer
    this.connection = new Connection(this)
    this.#states.next('open')
    this.#inbox = new Inbox(this, policy.concurrency, shared.throttleOf(policy), (inbox) => {
      shared.queue.wake(inbox)
    })
  }

  get state(): StateName {
    return this.#life
  }

  get state$(): Observable<StateName> {
    return watched(this.#states, 'state$', this.connection, this.#shared)
  }

  get messages$(): Observable<InboundMessage> {
    return watched(this.#messages, 'messages$', this.connection, this.#shared)
  }

  get closed(): Promise<ConnectionEnd> {
    return this.#ends.closed
  }

  get signal(): AbortSignal {
    return this.#ends.signal
  }

  opened(options: WaitOptions): Promise<void> {
    return this.#ends.opened(this.#life === 'open', options)
  }

  messages(options: WaitOptions): MessageFeed {
    return this.#shared.dispatchers.feeds.open(this.connection, options)
  }

  get calls(): CallLayer<Connection> {
    return this.#shared.calls()
  }

  get stream(): Subject<InboundMessage> | null {
    return this.#messages.observed ? this.#messages : null
  }

  send(init: MessageInit): boolean {
    return send(init, this)
  }

  deliver(init: MessageInit, options: WaitOptions): Promise<void> {
    return deliver(init, options, this)
  }

  takeBack(out: OutboundMessage): 'undelivered' | null {
    for (const [message, pending] of this.#pending) {
      if (pending !== out) continue
      if (!this.#inbox.remove(message)) break
      this.#withdrawn++
      this.#forget(message)
      return 'undelivered'
    }
    return null
  }

  expired(message: OutboundMessage, fate: 'undelivered' | 'unknown', error: InkwireError): void {
    this.#shared.report({ type: 'undeliverable', connection: this.connection, message, fate, error })
  }

  get situation(): string {
    return this.#life
  }

  async drained(options: WaitOptions): Promise<void> {
    const signal = signalOf('drained()', options)
    if (!this.#takesMessages) throw new InkwireError('INK_CLOSED', 'drained(): the loopback is closed')
    if (this.#isLow) return
    await this.#draining.wait('drained()', signal)
  }

  markDown(): Outcome {
    return this.#end(new InkwireError('INK_MARKED_DOWN', 'the loopback was marked down'))
  }

  async close(options: CloseOptions): Promise<void> {
    if (this.#life === 'closed') return
    const isHandler = this.#shared.dispatchers.calling === this.connection
    const end = this.#close(options)
    await (isHandler ? waitsForItself('close()', end) : end)
  }

  async #close(options: CloseOptions): Promise<void> {
    const signal = signalOf('close()', options, CLOSE_OPTIONS)
    const { limits, runtime } = this.#shared
    const timeoutMs = checkTimeout('close()', options.timeoutMs) ?? limits.drainTimeoutMs
    if (this.#life === 'open') this.#become('draining')
    const late = new InkwireError('INK_DRAIN_TIMEOUT', `handlers of the loopback did not finish within ${timeoutMs} ms`)
    const timer = runtime.clock.setTimer(() => this.#ending.rejectAll(late), timeoutMs)
    try {
      if (this.#isBusy) await this.#ending.wait('close()', signal)
      this.#end(new InkwireError('INK_CLOSED', 'the loopback is closed'))
    } catch (thrown) {
      this.#handBack(thrown as InkwireError)
      throw thrown
    } finally {
      runtime.clock.clearTimer(timer)
    }
  }

  /** What a close in vain leaves behind is news, as on every connection. */
  #handBack(reason: InkwireError): void {
    const outcome = this.#end(reason)
    if (outcome.undelivered.length + outcome.unknown.length === 0) return
    const { connection } = this
    this.#shared.report({ type: 'reset', connection, reason: reason.message, outcome })
    this.#shared.dispatchers.notify('onReset', connection, outcome)
  }

  /** Nobody is far away. */
  async ping(options: WaitOptions): Promise<number> {
    await this.opened(options)
    return 0
  }

  dump(): ConnectionDump {
    return {
      peer: this.peer,
      policy: 'loopback',
      state: this.#life,
      role: 'loopback',
      session: null,
      epoch: 0,
      failures: 0,
      lastFault: null,
      lanes: [],
      queuedMessages: this.#messageCount,
      queuedBytes: this.#byteCount,
      creditFree: this.policy.replay,
      creditGranted: this.policy.window,
      heldMessages: this.#messageCount,
      heldBytes: this.#byteCount,
      window: this.policy.window,
      waitingMessages: this.#inbox.length,
      runningHandlers: this.#inbox.running,
      link: null,
      counters: {
        sentMessages: this.#total,
        sentBytes: 0,
        receivedMessages: this.#total,
        receivedBytes: 0,
        replayedMessages: 0,
        withdrawnMessages: this.#withdrawn,
        failedMessages: this.#failed,
        failedHandlers: this.#failed,
        duplicates: 0,
        faults: 0,
        races: 0,
        sessions: 1,
        resumes: 0,
      },
    }
  }

  /** A handler is done. */
  finished(message: InboundMessage, failure?: Failure): void {
    const out = this.#pending.get(message)
    this.#forget(message)
    if (failure === undefined) {
      out?.settle?.acked()
      return
    }
    this.#failed++
    if (out === undefined) return
    const error = failureError(failure)
    out.settle?.failed('failed', error, out)
    this.#shared.report({ type: 'failed', connection: this.connection, message: out, error })
  }

  #forget(message: InboundMessage): void {
    this.#messageCount--
    this.#byteCount -= message.bytes
    this.#pending.delete(message)
    if (this.#draining.size > 0 && this.#isLow) this.#draining.resolveAll()
    this.afterHandler()
  }

  afterHandler(): void {
    if (this.#life === 'draining' && !this.#isBusy) this.#ending.resolveAll()
  }

  get #isHandling(): boolean {
    return this.#inbox.running > 0 || this.#shared.queue.keepsAll
  }

  get #isBusy(): boolean {
    return this.#messageCount > 0 || this.#isHandling
  }

  /** While draining what handlers that still run send is taken. */
  get #takesMessages(): boolean {
    return this.#life === 'open' || (this.#life === 'draining' && this.#isHandling)
  }

  get #isLow(): boolean {
    const { replay, highWater } = this.policy
    return this.#messageCount * 2 <= replay.messages * highWater && this.#byteCount * 2 <= replay.bytes * highWater
  }

  enqueue(out: OutboundMessage): boolean {
    const { replay, highWater } = this.policy
    if (!this.#takesMessages) throw new InkwireError('INK_CLOSED', 'send(): the loopback is closed')
    if (out.bytes > replay.bytes)
      throw new InkwireError(
        'INK_MESSAGE_TOO_LARGE',
        `a message of ${out.bytes} bytes is above the limit of ${replay.bytes}`,
      )
    if (this.#messageCount >= replay.messages || this.#byteCount + out.bytes > replay.bytes) {
      throw new InkwireError(
        'INK_QUEUE_FULL',
        `${this.#messageCount} messages are queued: wait for drained() when send() answers false`,
      )
    }
    this.#messageCount++
    this.#byteCount += out.bytes
    const message = this.#inbound(out)
    message.owner = this
    this.#pending.set(message, out)
    this.#arrive(message)
    return this.#messageCount < replay.messages * highWater && this.#byteCount < replay.bytes * highWater
  }

  #arrive(message: InboundMessage): void {
    const { dispatchers, queue } = this.#shared
    // What came while somebody took messages inline is not overtaken by what comes when nobody does any more.
    if (dispatchers.hasFast || this.#arriving.length > 0) {
      this.#arriving.push(message)
      this.#offerLater()
    } else {
      this.#inbox.push(message)
      queue.wake(this.#inbox)
    }
  }

  #offerLater(): void {
    if (this.#offering === 'due' || this.#arriving.length === 0) return
    this.#offering = 'due'
    this.#shared.runtime.clock.later(() => {
      this.#offerAll()
      this.#offering = 'none'
      this.#offerLater()
    })
  }

  #offerAll(): void {
    const { dispatchers, queue } = this.#shared
    // What handlers send meanwhile has a turn of its own.
    for (let count = this.#arriving.length; count > 0; count--) {
      const message = this.#arriving.shift()
      // A handler has ended the loopback, and its outcome has the rest.
      if (message === undefined) return
      if (dispatchers.fast(message, this.connection)) message.ack()
      else if (this.#life !== 'closed') this.#inbox.push(message)
    }
    queue.wake(this.#inbox)
  }

  /** The segments are copied: the sender has its bytes back when `send()` returns. */
  #inbound(out: OutboundMessage): InboundMessage {
    this.#shared.stamps.clock.tick(this.#shared.stamps.wallMs())
    const body = new Uint8Array(out.bytes)
    let at = 0
    for (const part of [out.front, out.middle, out.data]) {
      if (part === null) continue
      body.set(part, at)
      at += part.length
    }
    const { ms, counter } = this.#shared.stamps.clock
    const { type, version, priority, tid } = out
    const front = out.front?.length ?? 0
    const middle = out.middle?.length ?? 0
    const lane = laneOf(priority)
    return new InboundMessage(
      type,
      version,
      priority,
      tid,
      ++this.#total,
      lane,
      ms,
      counter,
      body.buffer,
      0,
      front,
      middle,
      out.bytes - front - middle,
    )
  }

  #become(life: 'draining' | 'closed'): void {
    this.#life = life
    this.#states.next(life)
  }

  #end(reason: InkwireError): Outcome {
    if (this.#life === 'closed') return NO_OUTCOME
    this.#become('closed')
    this.#states.complete()
    this.#messages.complete()
    const waiting = new Set([...this.#inbox.clear(), ...this.#arriving.takeAll()])
    const outcome: { undelivered: OutboundMessage[]; unknown: OutboundMessage[] } = { undelivered: [], unknown: [] }
    for (const [message, out] of this.#pending) {
      const fate = waiting.has(message) ? 'undelivered' : 'unknown'
      if (fate === 'undelivered') message.owner = null
      outcome[fate].push(out)
      out.settle?.failed(fate, reason, out)
    }
    this.#pending.clear()
    this.#draining.rejectAll(reason)
    if (reason.code === 'INK_CLOSED') this.#ending.resolveAll()
    else this.#ending.rejectAll(reason)
    this.#shared.dispatchers.feeds.end(this.connection)
    this.#ends.end(reason.code, reason.message, outcome)
    return outcome
  }
}
