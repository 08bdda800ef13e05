/**
 * Who waits on which AbortSignal: one listener per signal, however many wait on it, and none when nobody does.
 *
 * A service has one signal for its whole life, and thousands of waits on it: a listener for each would be warned about
 * (MaxListenersExceeded), and one that is left behind keeps its wait in memory for ever.
 */

/** What to do when a signal fires, in the order of waiting. A signal that nobody holds is forgotten with its line. */
const LINES = new WeakMap<AbortSignal, Line>()

/** Does `act` when the signal fires, once; the function that is returned ends the wait. `act` must not throw. */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return nothing
  let line = LINES.get(signal)
  if (line === undefined) {
    line = new Line(signal)
    LINES.set(signal, line)
  }
  return line.add(act)
}

/** As the promise; rejects with what `failure` makes when the signal fires first. */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  failure: (cause: unknown) => Error,
): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(failure(signal.reason))
    if (signal.aborted) abort()
    const release = onAbort(signal, abort)
    const done = (): void => {
      release()
      resolve(promise)
    }
    promise.then(done, done)
  })
}

class Line {
  readonly #signal: AbortSignal
  readonly #waiting = new Set<{ readonly act: () => void }>()
  readonly #fire = (): void => {
    LINES.delete(this.#signal)
    const waiting = [...this.#waiting]
    // What one of them does may end the wait of another.
    for (const wait of waiting) if (this.#waiting.delete(wait)) wait.act()
  }

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', this.#fire, { once: true })
  }

  add(act: () => void): () => void {
    const wait = { act }
    this.#waiting.add(wait)
    return () => {
      if (!this.#waiting.delete(wait) || this.#waiting.size > 0 || LINES.get(this.#signal) !== this) return
      LINES.delete(this.#signal)
      this.#signal.removeEventListener('abort', this.#fire)
    }
  }
}

function nothing(): void {
  // There is no signal.
}
