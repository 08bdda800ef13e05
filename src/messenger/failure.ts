/** Of messages that failed: what their sender's caller is told, of a peer's and of the loopback's alike, and what a peer is. */
import { InkwireError, wordsOf } from '../common/errors.ts'
import type { Path } from '../session/path/path.ts'
import type { OutBuffer } from '../wire/out-buffer.ts'
import { failureOf, type Failure } from '../wire/verdict.ts'
import type { Wire } from '../wire/wire.ts'

export function failureError({ code, errorCode, reason }: Failure): InkwireError {
  const peerCode = errorCode ?? undefined
  return new InkwireError(code, `the peer has the message and could not handle it: ${reason}`, {
    outcome: 'failed',
    peerCode,
  })
}

/** What the sender of a message hears when its handler, or its service, has failed. */
export function handlerFailure(error: Error): Failure {
  const { code } = error as { code?: unknown }
  if (code === 'INK_DECODE_FAILED') return failureOf(code, null, error.message)
  return failureOf('INK_HANDLER_FAILED', code, wordsOf(error))
}

/** Goes before any mark that passes their messages: else those would count as handled. */
export function encodeVerdicts(path: Path, wire: Wire, out: OutBuffer): void {
  while (path.verdicts.owes) {
    const { first, verdicts, taken } = path.verdicts.tell()
    wire.encodeFailed?.(out, first, verdicts, taken)
  }
}
