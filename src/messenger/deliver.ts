/** `deliver()`: a promise for the outcome of one message. */
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import type { OutboundMessage, Settle } from '../wire/message.ts'
import type { WaitOptions } from './connection.ts'
import type { MessageInit } from './message.ts'
import { outboundMessage } from './message.ts'
import { aborted, signalOf } from './waiters.ts'

/** Enqueues a message and waits for its outcome. */
export function deliver(
  init: MessageInit,
  options: WaitOptions,
  enqueue: (message: OutboundMessage) => unknown,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const signal = signalOf('deliver()', options)
    if (signal?.aborted === true) {
      reject(aborted('deliver()', signal))
      return
    }
    // Before the message is queued: it may be settled before that call returns.
    const release = onAbort(signal, () => {
      reject(aborted('deliver()', signal))
    })
    const settle: Settle = {
      acked() {
        release()
        resolve()
      },
      failed(fate, reason) {
        release()
        const code = reason instanceof InkwireError ? reason.code : 'INK_RESET'
        const what = fate === 'unknown' ? 'the peer may have handled it' : 'the peer does not have it'
        reject(
          new InkwireError(code, `the message was not acked (${reason.message}); ${what}`, {
            cause: reason,
            outcome: fate,
          }),
        )
      },
    }
    try {
      enqueue(outboundMessage(init, settle))
    } catch (thrown) {
      release()
      throw thrown
    }
  })
}
