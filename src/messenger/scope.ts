/**
 * The asynchronous context in which something was registered, for calling it back there.
 *
 * Bytes arrive in the context of whoever dialled first, and queues are woken by whoever sent last: without this a handler
 * would read the AsyncLocalStorage of a stranger's request. Cheap enough for every message: some ten nanoseconds.
 */
import { AsyncResource } from 'node:async_hooks'

export class Scope {
  readonly #resource = new AsyncResource('InkwireCallback', { requireManualDestroy: true })

  /** Calls `call` on `self` in the context in which this scope was made. */
  run<Self, One, Two, Answer>(
    call: (this: Self, one: One, two: Two) => Answer,
    self: Self,
    one: One,
    two: Two,
  ): Answer {
    return this.#resource.runInAsyncScope(call, self, one, two)
  }

  /** The same, where a closure costs nothing that matters. */
  call<Answer>(call: () => Answer): Answer {
    return this.#resource.runInAsyncScope(call)
  }
}
