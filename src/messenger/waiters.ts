/** Promises that wait for something the messenger will tell, each with an optional AbortSignal. */
import { InkwireError } from '../common/errors.ts'
import { describe } from '../common/options.ts'

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
      const onAbort = (): void => {
        this.#all?.delete(waiter)
        reject(aborted(what, signal))
      }
      const done = (act: () => void): void => {
        signal?.removeEventListener('abort', onAbort)
        act()
      }
      const waiter: Waiter = {
        resolve: () => {
          done(resolve)
        },
        reject: (error) => {
          done(() => {
            reject(error)
          })
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
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

/** The signal among a caller's options. Throws `INK_BAD_ARGUMENT`, so that a wrong one is found before it is needed. */
export function signalOf(what: string, options: { readonly signal?: unknown }): AbortSignal | undefined {
  const signal = typeof options === 'object' && (options as unknown) !== null ? options.signal : options
  if (signal === undefined) return undefined
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return signal as AbortSignal
  const text = `${what} takes { signal: AbortSignal }, as AbortController and AbortSignal.timeout() make; the signal is`
  throw new InkwireError('INK_BAD_ARGUMENT', `${text} ${describe(signal)}`)
}

export function aborted(what: string, signal: AbortSignal | undefined): InkwireError {
  return new InkwireError('INK_ABORTED', `${what} was aborted by its signal`, { cause: signal?.reason })
}
