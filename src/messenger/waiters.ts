/** Promises that wait for something the messenger will tell, each with an optional AbortSignal. */
import { InkwireError } from '../common/errors.ts'

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: InkwireError) => void
}

/** Callers who wait for the same thing. */
export class Waiters {
  readonly #all = new Set<Waiter>()

  get size(): number {
    return this.#all.size
  }

  /** Waits; rejects with `INK_ABORTED` when the signal fires first. `what` is for the message. */
  wait(what: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(aborted(what, signal))
        return
      }
      const onAbort = (): void => {
        this.#all.delete(waiter)
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
      this.#all.add(waiter)
    })
  }

  resolveAll(): void {
    const all = [...this.#all]
    this.#all.clear()
    for (const waiter of all) waiter.resolve()
  }

  rejectAll(error: InkwireError): void {
    const all = [...this.#all]
    this.#all.clear()
    for (const waiter of all) waiter.reject(error)
  }
}

export function aborted(what: string, signal: AbortSignal | undefined): InkwireError {
  return new InkwireError('INK_ABORTED', `${what} was aborted by its signal`, { cause: signal?.reason })
}
