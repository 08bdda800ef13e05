/**
 * `send()`, and `deliver()`: a promise for the outcome of one message.
 *
 * Whoever gives up takes the message back where that is still possible: one that was on no link is never sent, so that a
 * loop of attempts delivers it once. What cannot be taken back is in doubt, and the error says which of the two it is.
 */
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import { signalOf } from '../common/signal-option.ts'
import type { OutboundMessage, Settle } from '../wire/message.ts'
import type { Expiries } from './expiry.ts'
import type { MessageInit } from './message-init.ts'
import { outboundMessage } from './message-init.ts'
import { aborted } from './waiters.ts'
import type { WaitOptions } from './waiters.ts'

/** As `connection.send()`. */
export function send(init: MessageInit, sender: Sender): boolean {
  const message = outboundMessage(init, null)
  if (init.expiresMs === undefined) return sender.enqueue(message)
  return sender.expiries.queue(message, init.expiresMs).hasRoom
}

/** The connection that sends. */
export interface Sender {
  /** Throws what `send()` throws. */
  enqueue(message: OutboundMessage): boolean
  /** Its messages that expire. */
  readonly expiries: Expiries
  /** The caller has given up; what becomes of the message. */
  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' | null
  /** Why it may have taken so long, for people: `backoff, last fault: …`. */
  readonly situation: string
}

/** Enqueues a message and waits for its outcome. */
export function deliver(init: MessageInit, options: WaitOptions, sender: Sender): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const signal = signalOf('deliver()', options)
    const abort = (): void => {
      const { situation } = sender
      const fate = sender.takeBack(message) ?? 'unknown'
      reject(aborted('deliver()', signal, fate, `${FATES[fate]} (the connection: ${situation})`))
    }
    let release = (): void => undefined
    const settle: Settle = {
      acked() {
        release()
        resolve()
      },
      failed(fate, reason) {
        release()
        if (fate === 'failed') {
          reject(reason)
          return
        }
        const code = reason instanceof InkwireError ? reason.code : 'INK_RESET'
        reject(
          new InkwireError(code, `the message was not acked (${reason.message}); ${FATES[fate]}`, {
            cause: reason,
            outcome: fate,
          }),
        )
      },
    }
    // Its getters are user code: what fires the signal there has sent nothing.
    let message = outboundMessage(init, settle)
    if (signal?.aborted === true) {
      reject(aborted('deliver()', signal, 'undelivered'))
      return
    }
    // Before it is queued: it may be settled before that call returns.
    release = onAbort(signal, abort)
    try {
      if (init.expiresMs === undefined) sender.enqueue(message)
      else message = sender.expiries.queue(message, init.expiresMs).queued
    } catch (thrown) {
      release()
      throw thrown
    }
  })
}

const FATES = {
  unknown: 'the peer may have handled it, or may yet',
  undelivered: 'the peer does not have it, and will not get it',
} as const
