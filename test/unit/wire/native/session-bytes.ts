/**
 * All bytes of a whole session, one array per direction: what split, mutation and garbage tests feed to a fresh Wire.
 */
import { concat } from '../../../../src/common/bytes.ts'
import { CHECKSUM_OFFSET, MESSAGES_HEADER_BYTES, TAG } from '../../../../src/wire/native/format.ts'
import { readUint32, writeUint32 } from '../../../../src/wire/native/bytes.ts'
import { crc32c } from '../../../../src/wire/crc32c.ts'
import type { Wire } from '../../../../src/wire/wire.ts'
import { encoded, header, message, OFFER, pair, pattern, queueOf, shake, type End, type PairOptions } from './pair.ts'

export type Role = 'dialler' | 'acceptor'

/** What one side sends in a session: runs of every kind, chunks of two lanes in between each other, control frames. */
function data(wire: Wire): Uint8Array {
  const small = queueOf(
    message({ data: pattern(20) }),
    message({ version: 2, tid: 77, front: pattern(9, 3) }),
    message({ middle: pattern(2), priority: 0 }),
    message(),
  )
  const large = message({ tid: 5, front: pattern(10, 4), middle: pattern(3, 5), data: pattern(60, 6) })
  const bulk = message({ priority: 1, data: pattern(50, 7) })
  return encoded((out) => {
    wire.encodeBatch(out, header({ count: 4, received: 3, processed: 2 }), small, 0, 4)
    wire.encodeChunk(out, header({ lane: 1, firstSeq: 5 }), large, 0, 30)
    wire.encodeChunk(out, header({ lane: 2, firstSeq: 1 }), bulk, 0, 25)
    wire.encodeAck(out, [{ received: 2, processed: 1 }], { messages: 10, bytes: 20 })
    wire.encodeChunk(out, header({ lane: 1, firstSeq: 5 }), large, 30, 43)
    wire.encodeChunk(out, header({ lane: 2, firstSeq: 1 }), bulk, 25, 25)
    wire.encodeKeepalive(out, 1)
    wire.encodeKeepaliveAck(out, 2)
    wire.encodeBatch(out, header({ lane: 0, ackNow: true }), queueOf(message({ data: pattern(1) })), 0, 1)
  })
}

/** What the wire of `role` receives in a whole session, and the sink's account of it. */
export function sessionBytes(role: Role, options: PairOptions = {}): Uint8Array {
  const both = pair(options)
  both.dialler.wire.open(OFFER)
  const flights = shake(both)
  const mine = flights.filter((_, index) => (index % 2 === 0) === (role === 'acceptor'))
  return concat([...mine, data(both[role === 'acceptor' ? 'dialler' : 'acceptor'].wire)])
}

/** A wire of `role` that has received nothing, and says yes to all. */
export function fresh(role: Role, options: PairOptions = {}): End {
  const end = pair(options)[role]
  if (role === 'dialler') end.wire.open(OFFER)
  return end
}

/** Where the frames of a stream begin, and its end. */
export function frameStarts(stream: Uint8Array): number[] {
  const starts: number[] = []
  for (let at = 16; at < stream.length;) {
    starts.push(at)
    at += readUint32(stream, at + 4) + (stream[at] === TAG.MESSAGES ? MESSAGES_HEADER_BYTES : 12)
  }
  return [...starts, stream.length]
}

/** Makes the checksum of one frame right again. */
export function seal(frame: Uint8Array): Uint8Array {
  writeUint32(frame, 8, crc32c(frame, 12, frame.length, crc32c(frame, 0, CHECKSUM_OFFSET)))
  return frame
}
