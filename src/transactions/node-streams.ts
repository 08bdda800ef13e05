/**
 * The parts of a call as Node's streams, in object mode: chunks are parts, and their boundaries are kept.
 *
 * Limit: the readable one holds one part, the writable one asks for one at a time (`drain`, which `pipeline()` heeds).
 */
import type { Readable, Writable } from 'node:stream'
import { asError } from '../common/errors.ts'
import { nodeStream } from '../late/modules.ts'
import type { Transaction } from '../messenger/calls.ts'
import type { ServerCall } from './handler-call.ts'
import { OutgoingParts, incomingParts } from './part-streams.ts'

/**
 * The other side's parts, each a `Uint8Array`. It ends where iteration ends, and fails where that throws. `destroy(error)` before
 * that is `stop()` with the words of the error: the reply still comes.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` for what is no call with parts.
 */
export function toNodeReadable(call: Transaction<unknown> | ServerCall): Readable {
  return nodeStream().Readable.from(incomingParts('toNodeReadable()', call), { objectMode: true, highWaterMark: 1 })
}

/**
 * This side's parts. A write is done when `send()` is. `end()` is the call's `end()`; the outcome is that of `reply`. In a handler it
 * sends nothing, as the answer ends its parts. `destroy(error)` before it has finished is `reset()` with the words of the error.
 *
 * It fails with the `CallError` of the call when that fails, and with one of the code `STOPPED` when the other side wants no more
 * parts: at the next write, or at once when the call is over. What is not bytes fails it with `INK_BAD_ARGUMENT`, and resets.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` for what is no call with parts.
 */
export function toNodeWritable(call: Transaction<unknown> | ServerCall): Writable {
  const parts = new OutgoingParts('toNodeWritable()', call)
  const writable = new (nodeStream().Writable)({
    objectMode: true,
    highWaterMark: 1,
    write(part: Uint8Array, _encoding, done) {
      parts.write(part).then(
        () => {
          done()
        },
        (thrown: unknown) => {
          done(asError(thrown))
        },
      )
    },
    final(done) {
      parts.end()
      done()
    },
    destroy(error, done) {
      parts.abort(error)
      done(error)
    },
  })
  parts.watch((error) => writable.destroy(asError(error)))
  return writable
}
