/**
 * The calls of every connection of one messenger: made by the first call on it, gone with the connection.
 *
 * A connection costs nothing until there is a call. The loopback has no session but the one that is made here: both ends of it.
 */
import type { Connection } from '../messenger/connection.ts'
import type { ServiceSession } from '../messenger/service.ts'
import { NO_OUTCOME, type Outcome } from '../wire/outcome.ts'
import { LocalSession } from './local-session.ts'
import { SessionCalls, type CallsWorld } from './session-calls.ts'

export class CallSessions {
  readonly #world: CallsWorld
  readonly #loopback: Connection
  /** Of every connection that has, or had, a link. */
  readonly #sessions = new Map<Connection, ServiceSession>()
  /** Of those on which something was called. */
  readonly #all = new Map<Connection, SessionCalls>()

  constructor(world: CallsWorld, loopback: Connection) {
    this.#world = world
    this.#loopback = loopback
  }

  get all(): ReadonlyMap<Connection, SessionCalls> {
    return this.#all
  }

  /** Where a call is made; null: the connection is closed. */
  of(connection: Connection): SessionCalls | null {
    const calls = this.#all.get(connection)
    if (calls !== undefined) return calls
    if (connection.state === 'closed') return null
    return connection === this.#loopback ? this.#addLoopback(connection) : this.#add(connection)
  }

  /** Where one has arrived. */
  at(connection: Connection): SessionCalls {
    return this.#all.get(connection) ?? this.#add(connection)
  }

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
    const { clock } = this.#world
    const [asking, serving] = [new SessionCalls(this.#world, connection), new SessionCalls(this.#world, connection)]
    const [there, back] = [new LocalSession(clock, serving), new LocalSession(clock, asking)]
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
