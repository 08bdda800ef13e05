/**
 * The chain of dispatchers, typed handlers and message streams of one messenger: who takes a message.
 *
 * Order: `fastDispatch` in the turn of receipt; then, from the dispatch queue, the streams see it, and one takes it: a loop over
 * the messages of its connection, a typed handler, or the first dispatcher that does not answer false. Whatever user code
 * throws or rejects with is reported and breaks nothing; what it answers too late is awaited, and means the same then.
 */
import { InkwireError, asError } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import type { Outlet } from '../streams/broadcast.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { Stamp } from '../wire/stamp.ts'
import { failureOf } from '../wire/verdict.ts'
import { attempt, isThenable, whenSettled } from './attempt.ts'
import { Scope } from './scope.ts'
import type { Connection } from './connection.ts'
import { MessageFeeds } from './connection-messages.ts'
import type { Dispatcher } from './dispatcher.ts'
import { DISPATCHER_METHODS, checkMethods } from './dispatcher-check.ts'
import type { MessengerEvent } from './events.ts'
import { handlerFailure } from './failure.ts'
import { remover } from './remover.ts'
import type { Remover } from './remover.ts'
import { TypedHandlers } from './typed-handlers.ts'
import type { TypedHandler } from './typed-handlers.ts'
import type { MessageType } from './typed-message.ts'

const EXPIRED = failureOf('INK_EXPIRED', null, 'its time was up before anybody took it')

/** One use() of a dispatcher: the same one may be used twice, and each is removed by itself. */
interface Entry {
  readonly dispatcher: Dispatcher
  readonly scope: Scope
}

/** The callbacks that tell about a connection, not about a message. */
type Notice = 'onConnect' | 'onAccept' | 'onReset' | 'onRemoteReset' | 'onRefused'
type Notices = Partial<Record<Notice, (connection: Connection, detail: unknown) => unknown>>

export class Dispatchers {
  /** Loops over the messages of a connection. */
  readonly feeds = new MessageFeeds()
  #chain: readonly Entry[] = []
  #fast: readonly Entry[] = []
  readonly #typed: TypedHandlers
  /** Whose message a handler is being called with; null outside of the call, also while its promise is pending. */
  #calling: Connection | null = null
  readonly #messages: Outlet<InboundMessage>
  readonly #report: (event: MessengerEvent) => void

  constructor(messages: Outlet<InboundMessage>, report: (event: MessengerEvent) => void, now: () => Stamp) {
    this.#typed = new TypedHandlers(now)
    this.#messages = messages
    this.#report = report
  }

  /** Appends a dispatcher; the function that is returned removes it. */
  use(dispatcher: Dispatcher): Remover {
    if (typeof dispatcher !== 'object' || (dispatcher as unknown) === null) {
      throw new InkwireError(
        'INK_BAD_ARGUMENT',
        `use() takes an object such as { dispatch(message, connection) {} }, not ${describe(dispatcher)}`,
      )
    }
    checkMethods('use()', dispatcher, DISPATCHER_METHODS)
    const entry = { dispatcher, scope: new Scope() }
    this.#set([...this.#chain, entry])
    return remover(() => {
      this.#set(this.#chain.filter((other) => other !== entry))
    })
  }

  /** As TypedHandlers.on. */
  on<Body, Input>(definition: MessageType<Body, Input>, handler: TypedHandler<Body>): Remover {
    return this.#typed.on(definition, handler)
  }

  get calling(): Connection | null {
    return this.#calling
  }

  /** True when somebody takes messages inline. */
  get hasFast(): boolean {
    return this.#fast.length > 0
  }

  /** True when somebody took the message inline. Never throws. */
  fast(message: InboundMessage, connection: Connection): boolean {
    for (const { dispatcher, scope } of this.#fast) {
      try {
        const answer: unknown = scope.run(callFast, dispatcher, message, connection)
        if (answer === true) return true
        if (isThenable(answer)) this.#tooLate(answer, message, connection)
        if (isOver(connection)) return false
      } catch (thrown) {
        this.#failed(message, connection, asError(thrown))
        return true
      }
    }
    return false
  }

  /** Hands a message to whoever takes it; a promise means that it is not finished yet. Never throws. */
  dispatch(
    message: InboundMessage,
    connection: Connection,
    stream: Outlet<InboundMessage> | null,
  ): Promise<void> | null {
    const seen = this.#show(message, stream)
    if (seen && isOver(connection)) return null
    const feed = this.feeds.of(connection)
    if (feed === null) return this.#handle(message, connection, seen)
    const next = (): Promise<void> | null => (isOver(connection) ? null : this.#handle(message, connection, seen))
    return this.#settled(feed.take(message), message, connection, next)
  }

  /** Its time was up before anybody took it: whoever sent it is told, and who runs this messenger. */
  expired(message: InboundMessage, connection: Connection): void {
    this.#report({ type: 'expired', connection, message })
    message.fail(EXPIRED)
  }

  /** The typed handler of its type, or else the dispatchers. */
  #handle(message: InboundMessage, connection: Connection, seen: boolean): Promise<void> | null {
    const typed = this.#typed.of(message.type)
    if (typed === undefined) return this.#offer(this.#chain, 0, message, connection, seen)
    try {
      this.#calling = connection
      const answer = typed.call(message, connection)
      if (isThenable(answer)) return this.#settled(answer, message, connection)
    } catch (thrown) {
      this.#failed(message, connection, asError(thrown))
    } finally {
      this.#calling = null
    }
    return null
  }

  /** Tells every dispatcher. */
  notify(notice: 'onConnect' | 'onAccept', connection: Connection): void
  notify(notice: 'onReset' | 'onRemoteReset', connection: Connection, outcome: Outcome): void
  notify(notice: 'onRefused', connection: Connection, error: InkwireError): void
  notify(notice: Notice, connection: Connection, detail?: Outcome | InkwireError): void {
    const failed = (error: Error): void => {
      this.#complain(null, connection, error)
    }
    for (const { dispatcher, scope } of this.#chain) {
      // A beginning is no news any more when the one before has ended the connection; an outcome is, for everyone.
      if (detail === undefined && isOver(connection)) return
      const told = dispatcher as Notices
      attempt(() => told[notice] !== undefined && scope.run(told[notice], told, connection, detail), failed)
    }
  }

  /** Offers a message to the dispatchers of a chain from `at` on. */
  #offer(
    chain: readonly Entry[],
    at: number,
    message: InboundMessage,
    connection: Connection,
    seen: boolean,
  ): Promise<void> | null {
    try {
      // Asked again after a promise: whoever made it may have ended the connection meanwhile.
      if (at > 0 && isOver(connection)) return null
      this.#calling = connection
      for (let index = at; index < chain.length; index++) {
        const { dispatcher, scope } = chain[index]!
        if (dispatcher.dispatch === undefined) continue
        const answer = scope.run(callDispatch, dispatcher, message, connection)
        if (answer === false && isOver(connection)) return null
        if (answer === false) continue
        if (!isThenable(answer)) return null
        const next = (): Promise<void> | null => this.#offer(chain, index + 1, message, connection, seen)
        return this.#settled(answer, message, connection, next)
      }
      if (!seen) {
        this.#report({ type: 'unhandled', connection, message })
        message.fail(failureOf('INK_UNHANDLED', null, `nobody handles messages of type ${message.type}`))
      }
    } catch (thrown) {
      this.#failed(message, connection, asError(thrown))
    } finally {
      this.#calling = null
    }
    return null
  }

  #set(chain: readonly Entry[]): void {
    this.#chain = chain
    this.#fast = chain.filter(({ dispatcher }) => dispatcher.fastDispatch !== undefined)
  }

  #show(message: InboundMessage, stream: Outlet<InboundMessage> | null): boolean {
    const seen = this.#messages.observed || stream !== null
    if (this.#messages.observed) this.#messages.next(message)
    stream?.next(message)
    return seen
  }

  /** A handler's promise settles; `next` is who gets the message if it says false. */
  async #settled(
    answer: PromiseLike<unknown>,
    message: InboundMessage,
    connection: Connection,
    next?: () => Promise<void> | null,
  ): Promise<void> {
    await whenSettled<unknown>(
      answer,
      (late) => (late === false ? next?.() : undefined),
      (error) => {
        this.#failed(message, connection, error)
      },
    )
  }

  #tooLate(answer: PromiseLike<unknown>, message: InboundMessage, connection: Connection): void {
    const text = 'fastDispatch must answer true or false at once, not a promise: take long work in dispatch()'
    this.#complain(message, connection, new InkwireError('INK_BAD_ARGUMENT', text))
    const failed = (error: Error): void => {
      this.#complain(message, connection, error)
    }
    attempt(() => answer, failed)
  }

  /** The handler of a message has failed: whoever sent it is told, and who runs this messenger. */
  #failed(message: InboundMessage, connection: Connection, error: Error): void {
    this.#complain(message, connection, error)
    message.fail(handlerFailure(error))
  }

  #complain(message: InboundMessage | null, connection: Connection, error: Error): void {
    this.#report({ type: 'dispatchError', connection, message, error })
  }
}

function callDispatch(this: Dispatcher, message: InboundMessage, connection: Connection): unknown {
  return this.dispatch?.(message, connection)
}

function callFast(this: Dispatcher, message: InboundMessage, connection: Connection): unknown {
  return this.fastDispatch?.(message, connection)
}

/** What was called before may have ended the connection: after that it is handed nothing. */
function isOver(connection: Connection): boolean {
  return connection.state === 'closed'
}
