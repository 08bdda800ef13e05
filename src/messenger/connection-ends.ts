/**
 * The beginning and the end of a connection, for whoever waits for them: `opened()`, `closed`, and the signal of handlers.
 *
 * Each is made when somebody asks for it: most connections are never waited for. An end is kept, also for who asks later.
 */
import { InkwireError } from '../common/errors.ts'
import type { InkwireErrorCode } from '../common/errors.ts'
import { signalOf } from '../common/signal-option.ts'
import type { OutboundMessage } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import { Waiters } from './waiters.ts'
import type { WaitOptions } from './waiters.ts'

/** How a connection ended. */
export interface ConnectionEnd {
  /**
   * `INK_CLOSED` after `close()`, `INK_MARKED_DOWN` after `markDown()`; else what ended it, such as `INK_PEER_CLOSED`,
   * `INK_RESET`, `INK_STANDBY_EXPIRED` or the code of a refusal.
   */
  readonly code: InkwireErrorCode
  /** A sentence for people. */
  readonly reason: string
  /** What was not delivered or may not have been; with what `markDown()` has returned already. */
  readonly outcome: Outcome
}

export class ConnectionEnds {
  readonly #opening = new Waiters()
  #closed: Promise<ConnectionEnd> | null = null
  #tell: ((end: ConnectionEnd) => void) | null = null
  #controller: AbortController | null = null
  #handed: Outcome | null = null
  #end: ConnectionEnd | null = null

  /** Waits for a link that carries the session; at once when there is one. */
  async opened(isOpen: boolean, options: WaitOptions): Promise<void> {
    const signal = signalOf('opened()', options)
    if (this.#end !== null) {
      const text = `opened(): the connection is over (${this.#end.reason}); connect() gives a new one`
      throw new InkwireError('INK_CLOSED', text)
    }
    if (!isOpen) await this.#opening.wait('opened()', signal)
  }

  /** Never rejects: an end is an answer. */
  get closed(): Promise<ConnectionEnd> {
    this.#closed ??= this.#end === null ? new Promise((resolve) => (this.#tell = resolve)) : Promise.resolve(this.#end)
    return this.#closed
  }

  /** Fires at the end, with its reason as an InkwireError. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#end !== null) this.#controller.abort(errorOf(this.#end))
    }
    return this.#controller.signal
  }

  /** A link carries the session. */
  open(): void {
    if (this.#opening.size > 0) this.#opening.resolveAll()
  }

  /** `markDown()` gives it to its caller, before the end is told. */
  handBack(outcome: Outcome): void {
    this.#handed = joined(this.#handed, outcome)
  }

  /** The connection is over, once. What listens to the signal is user code and may call anything: so it is told last. */
  end(code: InkwireErrorCode, reason: string, outcome: Outcome): void {
    const end = { code, reason, outcome: joined(this.#handed, outcome) }
    this.#end = end
    this.#tell?.(end)
    if (this.#opening.size > 0) this.#opening.rejectAll(errorOf(end))
    this.#controller?.abort(errorOf(end))
  }
}

function errorOf({ code, reason }: ConnectionEnd): InkwireError {
  return new InkwireError(code, reason)
}

function joined(earlier: Outcome | null, later: Outcome): Outcome {
  if (earlier === null) return later
  const both = (fate: keyof Outcome): OutboundMessage[] => [...earlier[fate], ...later[fate]]
  return { undelivered: both('undelivered'), unknown: both('unknown') }
}
