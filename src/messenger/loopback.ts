/**
 * The connection of a messenger to itself: no wire, no session, the same contract.
 *
 * Messages are offered to `fastDispatch`, and go to the dispatch queue, in a turn of their own, never inside `send()`.
 * Limit: the default replay limit, and the same reactions as on any connection.
 */
import type { Observable } from 'rxjs'
import { InkwireError } from '../common/errors.ts'
import { signalOf } from '../common/signal-option.ts'
import type { Policy } from '../policies/policy.ts'
import { Backlog } from '../session/backlog.ts'
import type { StateName } from '../session/machine.ts'
import type { Outlet } from '../streams/broadcast.ts'
import { Latest } from '../streams/latest.ts'
import { rxjs } from '../streams/rxjs.ts'
import { NO_OUTCOME, sizeOf } from '../wire/outcome.ts'
import type { InboundMessage, MessageOwner, OutboundMessage } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { Failure } from '../wire/verdict.ts'
import type { Connection } from './connection.ts'
import type { CloseOptions } from './connection-core.ts'
import { ConnectionView } from './connection-view.ts'
import type { ViewCore } from './connection-view.ts'
import { dumpLoopback } from './dump-of.ts'
import type { ConnectionDump } from './dump.ts'
import { Inbox } from './inbox.ts'
import type { InboxOwner } from './inbox.ts'
import { LoopbackArrivals } from './loopback-arrivals.ts'
import { arriving } from './loopback-message.ts'
import { checkTimeout } from './message-init.ts'
import type { Peer } from './peer.ts'
import { failAll, tellFailure } from './returns.ts'
import { checkRoom } from './room.ts'
import { CLOSE_OPTIONS, waitsForItself } from './waiters.ts'
import type { WaitOptions } from './waiters.ts'
import type { Shared } from './shared.ts'

export class Loopback implements ViewCore, InboxOwner, MessageOwner {
  readonly connection: Connection
  readonly policy: Policy
  readonly peer: Peer
  readonly backlog: Backlog
  readonly #shared: Shared
  readonly #view: ConnectionView
  readonly #inbox: Inbox
  readonly #states = new Latest<StateName>()
  readonly #arrivals: LoopbackArrivals
  /** Accepted and not finished, in order. */
  readonly #pending = new Map<InboundMessage, OutboundMessage>()
  #total = 0
  #withdrawn = 0
  #failed = 0
  #life: 'open' | 'draining' | 'closed' = 'open'

  constructor(shared: Shared, policy: Policy, peer: Peer) {
    this.#shared = shared
    this.policy = policy
    this.peer = peer
    this.backlog = new Backlog(policy.replay, policy.highWater)
    this.#view = new ConnectionView(shared, this)
    this.connection = this.#view.connection
    this.#inbox = new Inbox(this, policy.concurrency, shared.throttleOf(policy), shared.queue)
    this.#arrivals = new LoopbackArrivals(shared, this, this.#inbox)
  }

  get state(): 'open' | 'draining' | 'closed' {
    return this.#life
  }

  get states(): Observable<StateName> {
    return this.#states.shown(this.#life)
  }

  get stream(): Outlet<InboundMessage> | null {
    return this.#view.stream
  }

  takeBack(out: OutboundMessage): 'undelivered' | null {
    for (const [message, pending] of this.#pending) {
      if (pending !== out) continue
      if (!this.#arrivals.remove(message) && !this.#inbox.remove(message)) break
      this.#withdrawn++
      this.#forget(message)
      return 'undelivered'
    }
    return null
  }

  /** It has no path, and never will. */
  readonly path = null
  readonly ways = {
    known: [],
    get path$(): Observable<null> {
      return rxjs().of(null)
    },
  }

  switchTo(): never {
    throw new InkwireError(
      'INK_BAD_ARGUMENT',
      'switchTo(): the loopback has no path: nothing of it leaves this process',
    )
  }

  get situation(): string {
    return this.#life
  }

  closedError(what: string): InkwireError {
    return new InkwireError('INK_CLOSED', `${what}: the loopback is closed`)
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
    const timer = runtime.clock.setTimer(() => this.#view.ending.rejectAll(late), timeoutMs)
    try {
      if (this.#isBusy()) await this.#view.ending.wait('close()', signal)
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
    const { connection } = this
    if (sizeOf(outcome) === 0) return
    this.#shared.report({ type: 'reset', connection, reason: reason.message, outcome })
    this.#shared.dispatchers.notify('onReset', connection, outcome)
  }

  /** Nobody is far away. */
  async ping(options: WaitOptions): Promise<number> {
    await this.#view.opened(options)
    return 0
  }

  dump(): ConnectionDump {
    return dumpLoopback(this, this.#inbox, { sent: this.#total, withdrawn: this.#withdrawn, failed: this.#failed })
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
    if (out !== undefined) tellFailure(this.#shared, this.connection, out, failure)
  }

  #forget(message: InboundMessage): void {
    this.backlog.remove(1, message.bytes)
    this.#pending.delete(message)
    this.#view.letGo()
    this.afterHandler()
  }

  afterHandler(): void {
    if (this.#life === 'draining' && !this.#isBusy()) this.#view.ending.resolveAll()
  }

  #isBusy(): boolean {
    return this.backlog.messages > 0 || this.#isHandling()
  }

  #isHandling(): boolean {
    return this.#inbox.running > 0 || this.#shared.queue.keepsAll
  }

  /** While draining what handlers that still run send is taken. */
  get takesMessages(): boolean {
    return this.#life === 'open' || (this.#life === 'draining' && this.#isHandling())
  }

  enqueue(out: OutboundMessage): boolean {
    if (!this.takesMessages) throw this.closedError('send()')
    checkRoom(out, this.backlog, this.policy.replay.bytes)
    this.backlog.add(out.bytes)
    const message = arriving(out, ++this.#total, this.#shared.stamps)
    message.owner = this
    this.#pending.set(message, out)
    this.#arrivals.push(message)
    return !this.backlog.aboveHighWater
  }

  #become(life: 'draining' | 'closed'): void {
    this.#life = life
    this.#states.next(life)
  }

  #end(reason: InkwireError): Outcome {
    if (this.#life === 'closed') return NO_OUTCOME
    this.#become('closed')
    this.#states.complete()
    this.#view.complete()
    const waiting = new Set([...this.#inbox.clear(), ...this.#arrivals.takeAll()])
    const outcome: { undelivered: OutboundMessage[]; unknown: OutboundMessage[] } = { undelivered: [], unknown: [] }
    for (const [message, out] of this.#pending) {
      const fate = waiting.has(message) ? 'undelivered' : 'unknown'
      if (fate === 'undelivered') message.owner = null
      outcome[fate].push(out)
    }
    this.#pending.clear()
    failAll(outcome, reason)
    this.#view.draining.rejectAll(reason)
    this.#view.ending.rejectAll(reason)
    this.#view.end(reason.code, reason.message, outcome)
    return outcome
  }
}
