/** Whether one more message may be queued: the hard limits of any connection, and what a caller is told who passes them. */
import { InkwireError } from '../common/errors.ts'
import type { Backlog } from '../session/backlog.ts'
import type { OutboundMessage } from '../wire/message.ts'

/** @throws InkwireError `INK_MESSAGE_TOO_LARGE` above `most` bytes, `INK_QUEUE_FULL` when there is no room. */
export function checkRoom({ bytes }: OutboundMessage, backlog: Backlog, most: number): void {
  if (bytes > most) {
    throw new InkwireError(
      'INK_MESSAGE_TOO_LARGE',
      `a message of ${bytes} bytes is above the limit of ${most}: send it in parts, or raise window there and replay here`,
    )
  }
  if (backlog.isFull(bytes)) {
    const text = `${backlog.messages} messages (${backlog.bytes} bytes) are queued`
    throw new InkwireError('INK_QUEUE_FULL', `${text}: wait for drained() when send() answers false`)
  }
}
