/**
 * Calls that wait for an answer: each with a deadline and perhaps a signal, and not more than a bound of them.
 *
 * Invariants: every wait settles exactly once and is out of the table then; its timer and its listener are gone. Ids are
 * never used again. Limit: `max` waits; one more rejects with INK_QUEUE_FULL.
 */
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import type { Clock } from '../index.ts'
import { Alarm, Alarms } from '../messenger/alarm.ts'
import { checkTimeout } from '../messenger/message-init.ts'
import { aborted } from '../messenger/waiters.ts'
import { signalOf } from '../common/signal-option.ts'

/** Options of calls that wait. */
export interface CallOptions {
  /**
   * How long the answer may take, in ms, 0 or more, or Infinity; then `INK_TIMEOUT`. Default: the client's
   * `timeoutMs`.
   */
  readonly timeoutMs?: number | undefined
  /** Ends the wait with `INK_ABORTED`; what was asked may still be done. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
}

/** Names of those, for the check of what a caller gave. */
export const CALL_OPTIONS = ['timeoutMs', 'signal'] as const

export interface Wait<Detail, Answer> {
  readonly id: number
  readonly detail: Detail
  resolve(answer: Answer): void
  reject(error: Error): void
}

export interface WaitsOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly max: number
  /** What is known of why there is no answer, for the message of INK_TIMEOUT. */
  readonly why: () => string
}

export class Waits<Detail, Answer> {
  readonly #options: WaitsOptions
  readonly #all = new Map<number, Wait<Detail, Answer>>()
  readonly #alarms: Alarms
  #ids = 0

  constructor(options: WaitsOptions) {
    this.#options = options
    this.#alarms = new Alarms(options.clock)
  }

  get size(): number {
    return this.#all.size
  }

  get(id: number): Wait<Detail, Answer> | undefined {
    return this.#all.get(id)
  }

  /** In the order in which they began; settling some meanwhile is fine. */
  [Symbol.iterator](): Iterator<Wait<Detail, Answer>> {
    return [...this.#all.values()][Symbol.iterator]()
  }

  /**
   * Waits. `what` is for messages; `began` gets the wait once it is in the table.
   *
   * @throws InkwireError as rejections: `INK_TIMEOUT`, `INK_ABORTED`, `INK_QUEUE_FULL`, `INK_BAD_ARGUMENT`.
   */
  async add(
    what: string,
    detail: Detail,
    options: CallOptions,
    began: (wait: Wait<Detail, Answer>) => void = () => {},
  ): Promise<Answer> {
    const { clock, max, why } = this.#options
    const timeoutMs = checkTimeout(what, options.timeoutMs) ?? this.#options.timeoutMs
    const signal = signalOf(what, { signal: options.signal })
    if (signal?.aborted === true) throw aborted(what, signal)
    if (this.#all.size >= max) {
      throw new InkwireError('INK_QUEUE_FULL', `${what}: ${max} calls are waiting already, the limit`)
    }
    return new Promise<Answer>((resolve, reject) => {
      const id = ++this.#ids
      const settle = (act: () => void): void => {
        if (!this.#all.delete(id)) return
        alarm.clear()
        release()
        act()
      }
      const fail = (error: Error): void => settle(() => reject(error))
      const late = (): void => fail(new InkwireError('INK_TIMEOUT', `${what}: no answer in ${timeoutMs} ms${why()}`))
      // A process that stood still reads first what was answered meanwhile.
      const alarm = new Alarm(this.#alarms, { rung: late })
      alarm.ringBy(clock.nowMs() + timeoutMs)
      const release = onAbort(signal, () => fail(aborted(what, signal)))
      const wait = { id, detail, resolve: (answer: Answer) => settle(() => resolve(answer)), reject: fail }
      this.#all.set(id, wait)
      began(wait)
    })
  }

  rejectAll(error: Error): void {
    for (const wait of this) wait.reject(error)
  }
}
