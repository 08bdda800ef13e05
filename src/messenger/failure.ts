/** Of messages that failed: what their sender's caller is told, of a peer's and of the loopback's alike, and what a peer is. */
import { InkwireError } from '../common/errors.ts'
import type { Path } from '../session/path/path.ts'
import type { OutBuffer } from '../wire/out-buffer.ts'
import type { Failure } from '../wire/verdict.ts'
import type { Wire } from '../wire/wire.ts'

export function failureError({ code, errorCode, reason }: Failure): InkwireError {
  const peerCode = errorCode ?? undefined
  return new InkwireError(code, `the peer has the message and could not handle it: ${reason}`, {
    outcome: 'failed',
    peerCode,
  })
}

/** Goes before any mark that passes their messages: else those would count as handled. */
export function encodeVerdicts(path: Path, wire: Wire, out: OutBuffer): void {
  while (path.owesVerdicts) {
    const { first, verdicts, taken } = path.tellVerdicts()
    wire.encodeFailed?.(out, first, verdicts, taken)
  }
}
