/** `deliver()`: a promise for the outcome of one message. */
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
    const onAbort = (): void => {
      reject(aborted('deliver()', signal))
    }
    const settle: Settle = {
      acked() {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      },
      failed(fate, reason) {
        signal?.removeEventListener('abort', onAbort)
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
    enqueue(outboundMessage(init, settle))
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
