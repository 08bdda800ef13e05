/**
 * What an application sees of any connection, to a peer or of a messenger to itself: its streams, what may be waited for,
 * and how it ended.
 *
 * What is sent and what becomes of it is the core's. Every stream, promise and waiter is
 * made when somebody asks for it: most connections have none.
 */
import type { Observable } from 'rxjs'
import type { InkwireError, InkwireErrorCode } from '../common/errors.ts'
import { signalOf } from '../common/signal-option.ts'
import type { Backlog } from '../session/backlog.ts'
import type { StateName } from '../session/machine.ts'
import { Broadcast } from '../streams/broadcast.ts'
import type { Outlet } from '../streams/broadcast.ts'
import type { InboundMessage, OutboundMessage } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { CallLayer } from './calls.ts'
import { Connection } from './connection.ts'
import type { ConnectionCore, ConnectionFace } from './connection-core.ts'
import { ConnectionEnds } from './connection-ends.ts'
import type { ConnectionEnd } from './connection-ends.ts'
import type { MessageFeed } from './connection-messages.ts'
import { deliver, send } from './deliver.ts'
import type { Sender } from './deliver.ts'
import { Expiries } from './expiry.ts'
import type { ExpirySender } from './expiry.ts'
import type { MessageInit } from './message-init.ts'
import type { PathInfo } from './path-info.ts'
import type { Shared } from './shared.ts'
import { watched } from './stream.ts'
import { Waiters } from './waiters.ts'
import type { WaitOptions } from './waiters.ts'

/** What makes one connection another thing than the next, and what its face stands on. */
export interface ViewCore extends ConnectionCore {
  /** The state of now and every change; completes with the connection. */
  readonly states: Observable<StateName>
  /** Where it stands, for people. */
  readonly situation: string
  readonly backlog: Backlog
  /** False: it is over, or closing and no handler of it runs. */
  readonly takesMessages: boolean
  closedError(what: string): InkwireError
  /** Throws what `send()` throws. */
  enqueue(message: OutboundMessage): boolean
  /** Null: it cannot be taken back. */
  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' | null
}

export class ConnectionView implements ConnectionFace<Connection>, Sender, ExpirySender {
  readonly connection: Connection
  /** Who waits for room, and who for the end of a `close()`. */
  readonly draining = new Waiters()
  readonly ending = new Waiters()
  readonly ends = new ConnectionEnds()
  readonly #shared: Shared
  readonly #core: ViewCore
  #messages: Broadcast<InboundMessage> | null = null
  #life: 'running' | 'over' = 'running'
  /** Made for the first message that expires. */
  #expiries: Expiries | null = null

  constructor(shared: Shared, core: ViewCore) {
    this.#shared = shared
    this.#core = core
    this.connection = new Connection(core, this)
  }

  get state$(): Observable<StateName> {
    return watched(this.#core.states, 'state$', this.connection, this.#shared)
  }

  get messages$(): Observable<InboundMessage> {
    this.#messages ??= new Broadcast<InboundMessage>()
    if (this.#life === 'over') this.#messages.complete()
    return watched(this.#messages.shown, 'messages$', this.connection, this.#shared)
  }

  /** `messages$`, when somebody subscribed to it. */
  get stream(): Outlet<InboundMessage> | null {
    return this.#messages?.observed === true ? this.#messages : null
  }

  get closed(): Promise<ConnectionEnd> {
    return this.ends.closed
  }

  get signal(): AbortSignal {
    return this.ends.signal
  }

  opened(options: WaitOptions): Promise<void> {
    return this.ends.opened(this.#core.state === 'open', options)
  }

  messages(options: WaitOptions): MessageFeed {
    const { dispatchers, runtime } = this.#shared
    return dispatchers.feeds.open(this.connection, options, (message) => {
      const expires = message.dueMs !== null && message.dueMs <= runtime.clock.nowMs()
      if (expires) dispatchers.expired(message, this.connection)
      return expires
    })
  }

  get calls(): CallLayer<Connection> {
    return this.#shared.calls()
  }

  send(init: MessageInit): boolean {
    return send(init, this)
  }

  deliver(init: MessageInit, options: WaitOptions): Promise<void> {
    return deliver(init, options, this)
  }

  enqueue(message: OutboundMessage): boolean {
    return this.#core.enqueue(message)
  }

  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' | null {
    return this.#core.takeBack(message)
  }

  get situation(): string {
    return this.#core.situation
  }

  get expiries(): Expiries {
    return (this.#expiries ??= new Expiries(this.#shared.alarms, this))
  }

  expired(message: OutboundMessage, fate: 'undelivered' | 'unknown', error: InkwireError): void {
    this.#shared.report({ type: 'undeliverable', connection: this.connection, message, fate, error })
  }

  async drained(options: WaitOptions): Promise<void> {
    const signal = signalOf('drained()', options)
    if (!this.#core.takesMessages) throw this.#core.closedError('drained()')
    if (this.#core.backlog.belowLowWater) return
    await this.draining.wait('drained()', signal)
  }

  /** How many wait, for room or for an end. */
  get waiting(): number {
    return this.draining.size + this.ending.size
  }

  /** Messages are done with: who waits for room may go on. */
  letGo(): void {
    if (this.draining.size > 0 && this.#core.backlog.belowLowWater) this.draining.resolveAll()
  }

  get path$(): Observable<PathInfo | null> {
    return watched(this.#core.ways.path$, 'path$', this.connection, this.#shared)
  }

  /** Nothing of it is dispatched any more. */
  complete(): void {
    this.#life = 'over'
    this.#messages?.complete()
  }

  /** It is over, and everything else of that is told. */
  end(code: InkwireErrorCode, reason: string, outcome: Outcome): void {
    this.#shared.dispatchers.feeds.end(this.connection)
    this.ends.end(code, reason, outcome)
  }
}
