/**
 * The parts of a call as WHATWG streams: chunks are parts, and their boundaries are kept.
 *
 * Limit: the readable one holds no part, the writable one asks for one at a time (`ready`, which `pipeTo()` heeds).
 */
import type { ServerCall } from './handler-call.ts'
import type { Transaction } from '../messenger/calls.ts'
import { OutgoingParts, incomingParts } from './part-streams.ts'

/**
 * The other side's parts. One is read, and its credit given back, when a reader asks for it. It closes where iteration ends, and
 * fails where that throws. `cancel(reason)` is `stop(reason)`: the reply still comes.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` for what is no call with parts.
 */
export function toReadableStream(call: Transaction<unknown> | ServerCall): ReadableStream<Uint8Array> {
  return ReadableStream.from(incomingParts('toReadableStream()', call))
}

/**
 * This side's parts. A write is done when `send()` is. `close()` is `end()`; the outcome is that of `reply`. In a handler it sends
 * nothing, as the answer ends its parts. `abort(reason)` is `reset(reason)`, also while a write waits for credit.
 *
 * It fails with the `CallError` of the call when that fails, and with one of the code `STOPPED` when the other side wants no more
 * parts: at the next write, or at once when the call is over. What is not bytes fails it with `INK_BAD_ARGUMENT`, and resets.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` for what is no call with parts.
 */
export function toWritableStream(call: Transaction<unknown> | ServerCall): WritableStream<Uint8Array> {
  const parts = new OutgoingParts('toWritableStream()', call)
  return new WritableStream<Uint8Array>({
    start(controller) {
      // Node's types have it not.
      const { signal } = controller as typeof controller & { readonly signal: AbortSignal }
      // The signal, and not `abort()` below it: that waits for the write, which waits for credit.
      const abort = (): void => {
        parts.abort(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
      parts.watch((error) => {
        controller.error(error)
      })
    },
    write: (part) => parts.write(part),
    close() {
      parts.end()
    },
  })
}
