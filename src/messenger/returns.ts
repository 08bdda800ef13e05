/**
 * Messages that came back to whoever sent them, while their connection lives on: each is told once, to who waits for its
 * outcome and as an event.
 *
 * They failed at the peer, as it says; their bytes changed before they were acked; or they were queued before it was known
 * what the peer can take. What an end or a reset of the session gives back is told with that, in its outcome.
 */
import { InkwireError } from '../common/errors.ts'
import type { Unfinished } from '../session/out-lane.ts'
import type { Session } from '../session/session.ts'
import type { OutboundMessage } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { Failure } from '../wire/verdict.ts'
import type { Connection } from './connection.ts'
import { failureError } from './failure.ts'
import type { Shared } from './shared.ts'

export class Returns {
  readonly #shared: Pick<Shared, 'report'>
  readonly #session: Session
  readonly #connection: Connection

  constructor(shared: Pick<Shared, 'report'>, session: Session, connection: Connection) {
    this.#shared = shared
    this.#session = session
    this.#connection = connection
  }

  /** Those that have ended since the last call. */
  tell(): void {
    this.tellFailed()
    const taken = this.#session.outbound.takeChanged()
    if (taken === null) return
    const what = 'has another length by now: leave its bytes alone until it is acked, or send a copy'
    this.#giveBack(taken, ({ bytes }) => new InkwireError('INK_MESSAGE_CHANGED', `a message of ${bytes} bytes ${what}`))
  }

  /** Those of which the peer says that they failed. */
  tellFailed(): void {
    const failed = this.#session.outbound.takeFailed()
    // Asked in every turn: an iterator over nothing would be made each time.
    if (failed.length === 0) return
    for (const { message, verdict } of failed) tellFailure(this.#shared, this.#connection, message, verdict)
  }

  /** What was queued before it was known what the peer can take, and can never go there. */
  withdrawUnfit(): void {
    const { outbound, capabilities } = this.#session
    const most = outbound.peerWindow.bytes
    this.#giveBack(outbound.withdrawUnfit(capabilities), ({ bytes }) =>
      bytes > most
        ? new InkwireError('INK_MESSAGE_TOO_LARGE', `a message of ${bytes} bytes is above the peer's window of ${most}`)
        : new InkwireError('INK_INCOMPATIBLE', 'the peer is of an older version: it knows no extension blocks'),
    )
  }

  #giveBack({ undelivered, unknown }: Unfinished, errorOf: (message: OutboundMessage) => InkwireError): void {
    const each = (message: OutboundMessage, fate: 'undelivered' | 'unknown'): void => {
      const error = errorOf(message)
      message.settle?.failed(fate, error, message)
      this.#shared.report({ type: 'undeliverable', connection: this.#connection, message, fate, error })
    }
    for (const message of undelivered) each(message, 'undelivered')
    // Queued anew after a reset: an earlier peer may have handled it.
    for (const message of unknown) each(message, 'unknown')
  }
}

/** The handler of a message has failed, there or here. */
export function tellFailure(
  { report }: Pick<Shared, 'report'>,
  connection: Connection,
  message: OutboundMessage,
  failure: Failure,
): void {
  const error = failureError(failure)
  message.settle?.failed('failed', error, message)
  report({ type: 'failed', connection, message, error })
}

/** Tells whoever waits for a message of an outcome what became of it. */
export function failAll(outcome: Outcome, reason: InkwireError): void {
  for (const message of outcome.undelivered) message.settle?.failed('undelivered', reason, message)
  for (const message of outcome.unknown) message.settle?.failed('unknown', reason, message)
}
