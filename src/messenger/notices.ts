/**
 * How the application hears what became of one connection: each as an event of the messenger and as a call of its
 * dispatchers, and the event first.
 */
import { InkwireError } from '../common/errors.ts'
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { Connection } from './connection.ts'
import type { Reactor } from './reactor.ts'
import type { Shared } from './shared.ts'

/** Whose connection it is. */
export interface Leaving {
  readonly reactor: Pick<Reactor, 'isLeaving'>
}

export class Notices {
  readonly #shared: Pick<Shared, 'report' | 'dispatchers'>
  readonly #connection: Connection
  readonly #driver: Leaving

  constructor(shared: Pick<Shared, 'report' | 'dispatchers'>, connection: Connection, driver: Leaving) {
    this.#shared = shared
    this.#connection = connection
    this.#driver = driver
  }

  /** Nobody listens there, for the first time in a row; dialling goes on. */
  unanswered(address: string): void {
    this.refused(new InkwireError('INK_CONNECTION_REFUSED', `nobody listens at ${address}; dialling goes on`))
  }

  /** Whoever answered refuses us, is not believed, or is somebody else. That says nothing about our peer: dialling goes on. */
  doubted(code: InkwireErrorCode, reason: string): void {
    this.refused(new InkwireError(code, `${reason}; dialling goes on`))
  }

  refused(error: InkwireError): void {
    const connection = this.#connection
    this.#shared.report({ type: 'refused', connection, error })
    this.#shared.dispatchers.notify('onRefused', connection, error)
  }

  /** A session begins, on a link that was dialled or accepted. */
  begun(how: 'dialled' | 'accepted'): void {
    const connection = this.#connection
    const dialled = how === 'dialled'
    this.#shared.report({ type: dialled ? 'connect' : 'accept', connection })
    // Whoever heard of it first may have let go of it.
    if (!this.#driver.reactor.isLeaving) this.#shared.dispatchers.notify(dialled ? 'onConnect' : 'onAccept', connection)
  }

  resumed(replayed: number): void {
    this.#shared.report({ type: 'resume', connection: this.#connection, replayed })
  }

  remoteReset(reason: string, outcome: Outcome): void {
    const connection = this.#connection
    this.#shared.report({ type: 'remoteReset', connection, reason, outcome })
    this.#shared.dispatchers.notify('onRemoteReset', connection, outcome)
  }

  reset(reason: string, outcome: Outcome): void {
    const connection = this.#connection
    this.#shared.report({ type: 'reset', connection, reason, outcome })
    this.#shared.dispatchers.notify('onReset', connection, outcome)
  }

  closed(): void {
    this.#shared.report({ type: 'closed', connection: this.#connection })
  }
}
