/**
 * The services of one messenger: who is offered which message, and told of which session.
 *
 * A marked message belongs to the service of its number and to nobody else: control words are offered in the turn in which
 * they came, others from the dispatch queue, in their order. Unmarked messages are the application's, but for types that a
 * service watches. What a service throws is reported and breaks nothing. Of a message that no service took, and of one whose
 * service threw, the sender hears that it failed.
 */
import { asError } from '../common/errors.ts'
import type { Outlet } from '../streams/broadcast.ts'
import { CONTROL_LANE } from '../wire/message.ts'
import { NO_OUTCOME, sizeOf } from '../wire/outcome.ts'
import type { InboundMessage, OutboundMessage } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { Adoption, Verdict } from '../wire/service.ts'
import { failureOf } from '../wire/verdict.ts'
import { attempt, isThenable, whenSettled } from './attempt.ts'
import type { Connection } from './connection.ts'
import type { Dispatchers } from './dispatchers.ts'
import type { MessengerEvent } from './events.ts'
import { handlerFailure } from './failure.ts'
import { joined, partOf } from './outcome-parts.ts'
import { remover } from './remover.ts'
import type { Remover } from './remover.ts'
import { Scope } from './scope.ts'
import { MarkReader } from './mark-reader.ts'
import { OpenService, numberOf, wordsOf } from './service.ts'
import type { Service, ServiceHost } from './service.ts'
import { checkService } from './service-check.ts'
import { ServiceTable } from './service-table.ts'
import type { Warnings } from './warnings.ts'

/** A smaller body is given away for less than it costs to ask. */
const BORROWED_BYTES_MIN = 4 * 1024

/** The services of a connection, and what was taken back of theirs before its end is told. */
interface Served {
  /** A list, because there are two or three, and most connections need nothing else of it. */
  sessions: readonly OpenService[]
  lost: Outcome
}

const NO_SESSIONS: readonly OpenService[] = []

export class Services {
  readonly #dispatchers: Pick<Dispatchers, 'dispatch' | 'expired'>
  readonly #report: (event: MessengerEvent) => void
  readonly #warnings: Pick<Warnings, 'say'>
  readonly #table = new ServiceTable()
  readonly #served = new Map<Connection, Served>()
  readonly #marks = new MarkReader()
  /** Where each was added, and so where it is called. */
  readonly #scopes = new Map<Service, Scope>()

  constructor(
    dispatchers: Pick<Dispatchers, 'dispatch' | 'expired'>,
    report: (event: MessengerEvent) => void,
    warnings: Pick<Warnings, 'say'>,
  ) {
    this.#dispatchers = dispatchers
    this.#report = report
    this.#warnings = warnings
  }

  /** Adds a service, and tells it of the sessions that are open already; the function that is returned removes it. */
  use(service: Service, open: Iterable<ServiceHost> = []): Remover {
    checkService(service)
    this.#table.add(service)
    this.#scopes.set(service, new Scope())
    for (const host of open) this.#adopt(service, host, { resumed: false, note: null })
    return remover(() => {
      if (!this.#table.has(service)) return
      this.#table.remove(service)
      this.#scopes.delete(service)
      for (const served of this.#served.values())
        served.sessions = served.sessions.filter((session) => session.service !== service)
    })
  }

  /** A link carries the session of a connection. */
  adopted(host: ServiceHost, how: Adoption): void {
    for (const service of this.#table.all) this.#adopt(service, host, how)
  }

  /** The peer has lost the session. Returns what is the application's of the outcome. */
  reset(connection: Connection, outcome: Outcome): Outcome {
    const rest = this.keepOwn(connection, outcome)
    this.#tell('reset', connection)
    return rest
  }

  /** The connection is over. Returns what is the application's of the outcome. */
  ended(connection: Connection, outcome: Outcome): Outcome {
    const rest = this.keepOwn(connection, outcome)
    this.#tell('ended', connection)
    this.#served.delete(connection)
    return rest
  }

  /** Keeps what is the services' of an outcome until they are told of it; returns the rest. */
  keepOwn(connection: Connection, outcome: Outcome): Outcome {
    const served = this.#served.get(connection)
    if (served === undefined || sizeOf(outcome) === 0) return outcome
    served.lost = joined(served.lost, partOf(outcome, isMarked))
    return partOf(outcome, (message) => !isMarked(message))
  }

  /** The messenger is shut down. */
  stop(): void {
    for (const service of this.#table.all) this.#guard(service, null, () => service.stop?.())
    this.#served.clear()
  }

  /** True when a message does not wait in the dispatch queue; asked for every message. */
  isControl(message: InboundMessage): boolean {
    if (message.lane === CONTROL_LANE || this.#table.watches(message.type)) return true
    if (message.extensionBytes === 0 || !this.#table.hasAtOnce) return false
    return this.#table.isAtOnce(this.#marks.numberOf(message))
  }

  /** True when whoever is offered such a message has done with its bytes in that turn. */
  borrows(message: InboundMessage, connection: Connection): boolean {
    if (message.lane === CONTROL_LANE || message.bytes < BORROWED_BYTES_MIN || message.extensionBytes === 0)
      return false
    const service = this.#table.numbered(this.#marks.numberOf(message))
    const session = service && this.#sessionOf(service, connection)
    const scope = service && this.#scopes.get(service)
    if (service?.borrows === undefined || session === undefined || scope === undefined) return false
    try {
      return scope.run(callBorrows, service, session, message)
    } catch (thrown) {
      this.#report({ type: 'dispatchError', connection, message, error: asError(thrown) })
      return false
    }
  }

  /** Offers such a message. Null: it is finished; a promise: it will be. */
  control(message: InboundMessage, connection: Connection): 'pass' | Promise<void> | null {
    if (message.extensionBytes > 0) return this.#marked(message, connection)
    const service = this.#table.watching(message.type)
    const verdict = service === undefined ? 'pass' : this.#offer(service, message, connection)
    if (verdict !== 'pass' || message.lane !== CONTROL_LANE) return verdict
    this.#report({ type: 'unhandled', connection, message })
    return null
  }

  /** As Dispatchers.dispatch, which gets all that is unmarked. */
  dispatch(
    message: InboundMessage,
    connection: Connection,
    stream: Outlet<InboundMessage> | null,
  ): Promise<void> | null {
    if (message.extensionBytes > 0) return this.#marked(message, connection)
    return this.#dispatchers.dispatch(message, connection, stream)
  }

  /** As Dispatchers.expired. */
  expired(message: InboundMessage, connection: Connection): void {
    this.#dispatchers.expired(message, connection)
  }

  #marked(message: InboundMessage, connection: Connection): Promise<void> | null {
    const number = this.#marks.numberOf(message)
    const service = this.#table.numbered(number)
    const verdict = service === undefined ? 'pass' : this.#offer(service, message, connection)
    if (verdict !== 'pass') return verdict
    this.#report({ type: 'unhandled', connection, message })
    message.fail(failureOf('INK_UNHANDLED', null, `no service took a message that is marked ${number}`))
    return null
  }

  #offer(service: Service, message: InboundMessage, connection: Connection): 'pass' | Promise<void> | null {
    const session = this.#sessionOf(service, connection)
    const scope = this.#scopes.get(service)
    if (session === undefined || scope === undefined) return 'pass'
    try {
      const verdict: Verdict = scope.run(callMessage, service, session, message)
      if (verdict === 'pass') return 'pass'
      return isThenable(verdict) ? this.#settled(verdict, message, connection) : null
    } catch (thrown) {
      this.#failed(message, connection, asError(thrown))
      return null
    }
  }

  async #settled(verdict: PromiseLike<unknown>, message: InboundMessage, connection: Connection): Promise<void> {
    await whenSettled<unknown>(
      verdict,
      () => undefined,
      (error) => {
        this.#failed(message, connection, error)
      },
    )
  }

  #failed(message: InboundMessage, connection: Connection, error: Error): void {
    this.#report({ type: 'dispatchError', connection, message, error })
    message.fail(handlerFailure(error))
  }

  #sessionOf(service: Service, connection: Connection): OpenService | undefined {
    return this.#served.get(connection)?.sessions.find((session) => session.service === service)
  }

  #adopt(service: Service, host: ServiceHost, how: Adoption): void {
    const { connection } = host
    let served = this.#served.get(connection)
    if (served === undefined) this.#served.set(connection, (served = { sessions: NO_SESSIONS, lost: NO_OUTCOME }))
    const session = this.#sessionOf(service, connection) ?? new OpenService(service, host)
    if (!served.sessions.includes(session)) served.sessions = served.sessions.concat(session)
    this.#guard(service, connection, () => service.adopted?.(session, how))
  }

  #tell(what: 'reset' | 'ended', connection: Connection): void {
    const served = this.#served.get(connection)
    if (served === undefined) return
    const { lost } = served
    served.lost = NO_OUTCOME
    for (const session of served.sessions) {
      const { service } = session
      const outcome = partOf(lost, ({ extension }) => numberOf(extension) === service.number)
      this.#guard(service, connection, () => service[what]?.(session, outcome))
    }
  }

  /** User code never runs unguarded. */
  #guard(service: Service, connection: Connection | null, call: () => unknown): void {
    const scope = this.#scopes.get(service)
    const failed = (error: Error): void => {
      if (connection === null) this.#warnings.say(`stop() of the service ${service.name}`, error)
      else this.#report({ type: 'dispatchError', connection, message: null, error })
    }
    // One that was removed meanwhile is told no more.
    if (scope !== undefined) attempt(() => scope.call(call), failed)
  }
}

function callMessage(this: Service, session: OpenService, message: InboundMessage): Verdict {
  return this.message?.(session, message, wordsOf(message)) ?? 'pass'
}

function callBorrows(this: Service, session: OpenService, message: InboundMessage): boolean {
  return this.borrows?.(session, wordsOf(message)) === true
}

function isMarked({ extension }: OutboundMessage): boolean {
  return extension !== null
}
