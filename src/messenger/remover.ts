/** What `use()`, `on()` and `useService()` return: a function that takes back what was added, and `using` calls at the end. */

/** Call it, or declare it with `using`; calling it again does nothing. */
export interface Remover extends Disposable {
  (): void
}

export function remover(remove: () => void): Remover {
  return Object.assign(remove, { [Symbol.dispose]: remove })
}
