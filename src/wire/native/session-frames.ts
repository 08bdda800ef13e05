/**
 * Control frames of a session: acks and credit, verdicts, keepalive, the end of a link, goodbye. Each is typed, encoded to and parsed
 * from its protobuf payload, and told to the session.
 *
 * A decoder throws MalformedFrame for anything that breaks docs/PROTOCOL.md and never anything else, whatever the bytes are.
 */
import { invariant } from '../../common/errors.ts'
import type { Budget } from '../../policies/policy.ts'
import { words } from '../late/words.ts'
import { LANES } from '../message.ts'
import type { OutBuffer } from '../out-buffer.ts'
import { failureOf, type Verdict } from '../verdict.ts'
import type { Marks, WireCapabilities, WireSink } from '../wire.ts'
import { ackBytes, readAck, writeAck, type Ack } from './ack-words.ts'
import * as field from './control-fields.ts'
import { MalformedFrame, expect, parseAs } from './control-fields.ts'
import { head, reserveFrame } from './control-frames.ts'
import { TAG } from './format.ts'

export interface Failed {
  readonly first: number
  readonly verdicts: readonly Verdict[]
  readonly taken: number
}

export function encodeEnd(epoch: number, stays: boolean): Uint8Array {
  return words().End.encode({ epoch, stays }).finish()
}

export function decodeEnd(payload: Uint8Array): { readonly epoch: number; readonly stays: boolean } {
  const { epoch, stays } = parseAs(words().End, payload)
  return { epoch: field.fromEpoch(epoch), stays: stays ?? false }
}

export function encodeAck(marks: readonly Marks[], credit: Budget): Uint8Array {
  const payload = new Uint8Array(ackBytes(marks, credit))
  writeAck(payload, 0, marks, credit)
  return payload
}

/** An ACK behind what was written before. */
export function writeAckFrame(out: OutBuffer, marks: readonly Marks[], credit: Budget): void {
  const payloadBytes = ackBytes(marks, credit)
  const body = reserveFrame(out, payloadBytes)
  writeAck(out.bytes, body, marks, credit)
  head(out.bytes, body, TAG.ACK, payloadBytes)
}

export function decodeAck(payload: Uint8Array): Ack {
  const read = readAck(payload)
  if (read !== null) return read
  const ack = parseAs(words().Ack, payload)
  return { marks: field.fromMarks(ack), credit: field.fromBudget(ack.credit, 'the credit') }
}

export function encodeFailed({ first, verdicts, taken }: Failed): Uint8Array {
  const failures = verdicts.map(({ lane, seq, code, errorCode, reason }) => {
    return { lane, seq: field.toSequence(seq), code, errorCode: errorCode ?? '', reason }
  })
  return words()
    .Failed.encode({ first: field.toSequence(first), failures, taken: field.toSequence(taken) })
    .finish()
}

export function decodeFailed(payload: Uint8Array): Failed {
  const failed = parseAs(words().Failed, payload)
  const first = field.fromSequence(failed.first, 'the number of the first verdict')
  expect(first >= 1, 'verdicts are numbered from 1')
  const verdicts = (failed.failures ?? []).map(({ lane, seq, code, errorCode, reason }) => {
    const verdict = failureOf(code ?? '', errorCode, reason ?? '')
    expect((lane ?? 0) < LANES, `there is no lane ${lane}`)
    return { ...verdict, lane: lane ?? 0, seq: field.fromSequence(seq, 'the number of a failed message') }
  })
  expect(
    verdicts.every(({ seq }) => seq >= 1),
    'messages are numbered from 1',
  )
  return { first, verdicts, taken: field.fromSequence(failed.taken, 'the verdicts that came') }
}

/** The payload of KEEPALIVE and KEEPALIVE_ACK, which have the same form. */
export function encodeToken(token: number): Uint8Array {
  return words()
    .Keepalive.encode({ token: field.toSequence(token) })
    .finish()
}

export function decodeToken(payload: Uint8Array): number {
  return field.fromSequence(parseAs(words().Keepalive, payload).token, 'the token')
}

/** Says to a session what a frame of its peer does; all but the goodbye, which is the end of the link. */
export function tell(sink: WireSink, capabilities: WireCapabilities, tag: number, payload: Uint8Array): void {
  switch (tag) {
    case TAG.ACK: {
      const { marks, credit } = decodeAck(payload)
      for (let lane = 0; lane < marks.length; lane++) sink.marks(lane, marks[lane]!.received, marks[lane]!.processed)
      sink.credit(credit.messages, credit.bytes)
      break
    }
    case TAG.FAILED: {
      if (!capabilities.verdicts) throw new MalformedFrame('it says that messages failed, and never said that it would')
      const { first, verdicts, taken } = decodeFailed(payload)
      sink.verdicts(first, verdicts, taken)
      break
    }
    case TAG.END: {
      if (!capabilities.moves) throw new MalformedFrame('it ends a link, and never said that it would')
      const { epoch, stays } = decodeEnd(payload)
      sink.parted?.(epoch, stays)
      break
    }
    case TAG.KEEPALIVE:
      sink.keepalive(decodeToken(payload))
      break
    case TAG.KEEPALIVE_ACK:
      sink.keepaliveAck(decodeToken(payload))
      break
    default:
      invariant(false, `a session has no frame ${tag}`)
  }
}
