/** Promises that wait for something the messenger will tell, each with an optional AbortSignal. */
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'

/** Options of waiting calls. */
export interface WaitOptions {
  /** Ends the wait with `INK_ABORTED`. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: InkwireError) => void
}

/** Callers who wait for the same thing. */
export class Waiters {
  /** Made for the first one: most connections have none. */
  #all: Set<Waiter> | null = null

  get size(): number {
    return this.#all?.size ?? 0
  }

  /** Waits; rejects with `INK_ABORTED` when the signal fires first. `what` is for the message. */
  wait(what: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(aborted(what, signal))
        return
      }
      const release = onAbort(signal, () => {
        this.#all?.delete(waiter)
        reject(aborted(what, signal))
      })
      const waiter: Waiter = {
        resolve: () => {
          release()
          resolve()
        },
        reject: (error) => {
          release()
          reject(error)
        },
      }
      this.#all ??= new Set()
      this.#all.add(waiter)
    })
  }

  resolveAll(): void {
    for (const waiter of this.#take()) waiter.resolve()
  }

  rejectAll(error: InkwireError): void {
    for (const waiter of this.#take()) waiter.reject(error)
  }

  #take(): Iterable<Waiter> {
    const all = this.#all ?? []
    this.#all = null
    return all
  }
}

/** Names of the options of calls that wait for a bounded time. */
export const CLOSE_OPTIONS = ['signal', 'timeoutMs'] as const

/** The error of a wait that its signal ended; of one for a message, with what became of that. */
export function aborted(
  what: string,
  signal: AbortSignal | undefined,
  outcome?: 'undelivered' | 'unknown',
  more?: string,
): InkwireError {
  const text = `${what} was aborted by its signal${more === undefined ? '' : `; ${more}`}`
  return new InkwireError('INK_ABORTED', text, { cause: signal?.reason, outcome })
}

/**
 * What a handler gets that asks for an end which waits for that very handler: whoever awaits it is told at once, and the
 * end comes when the handler has ended. Whoever does not await it is not disturbed.
 */
export function waitsForItself(what: string, end: Promise<void>): Promise<void> {
  const text = `${what} waits for the handler that calls it: do not await it there; it goes on when the handler has ended`
  const told: Promise<void> = Promise.reject(new InkwireError('INK_DEADLOCK', text))
  for (const promise of [end, told]) promise.catch(() => undefined)
  return told
}
