/**
 * What the head of a frame must be before anything of it is believed, and whether its checksum holds.
 *
 * Whether the frame may come now, and how long it may be, is the decoder's to know: that changes as the handshake goes on.
 */
import { crc32c } from '../crc32c.ts'
import { CONTROL_LANE } from '../message.ts'
import { readUint16, readUint32 } from './bytes.ts'
import {
  CHECKSUM,
  CHECKSUM_OFFSET,
  CONTROL_HEADER_BYTES,
  FRAME_FLAG,
  MESSAGES_HEADER_BYTES,
  TAG,
  tagName,
  type ChecksumKind,
} from './format.ts'

const RESERVED_SET = 'reserved bits of a frame are set'

/** The length of a whole frame with so much payload. */
export function frameBytes(tag: number, payloadBytes: number): number {
  return payloadBytes + (tag === TAG.MESSAGES ? MESSAGES_HEADER_BYTES : CONTROL_HEADER_BYTES)
}

/** Why the common header at `bytes[at, …)` is none; null: it is one. `agreed`: the checksum kind of MESSAGES frames. */
export function refuseHead(tag: number, bytes: Uint8Array, at: number, agreed: ChecksumKind): string | null {
  const flags = bytes[at + 1]!
  const expected = tag === TAG.MESSAGES ? agreed : CHECKSUM.CRC32C
  if (tag !== TAG.MESSAGES && tagName(tag) === undefined) return `there is no frame with tag ${tag}`
  if ((flags & FRAME_FLAG.CHECKSUM) !== expected)
    return `${describeFrame(tag)} does not have the checksum kind agreed on`
  if (tag === TAG.MESSAGES) {
    if (flags > (FRAME_FLAG.CHECKSUM | FRAME_FLAG.ACK_NOW) || bytes[at + 3] !== 0) return RESERVED_SET
    return bytes[at + 2]! > CONTROL_LANE ? `there is no lane ${bytes[at + 2]!}` : null
  }
  return flags > FRAME_FLAG.CHECKSUM || readUint16(bytes, at + 2) !== 0 ? RESERVED_SET : null
}

/** Whether the frame at `bytes[at, end)` has the checksum that it states. */
export function checksumHolds(tag: number, bytes: Uint8Array, at: number, end: number, agreed: ChecksumKind): boolean {
  const stated = readUint32(bytes, at + CHECKSUM_OFFSET)
  if (tag === TAG.MESSAGES && agreed === CHECKSUM.NONE) return stated === 0
  const head = crc32c(bytes, at, at + CHECKSUM_OFFSET)
  return crc32c(bytes, at + CHECKSUM_OFFSET + 4, end, head) === stated
}

/** For people. */
export function describeFrame(tag: number): string {
  return `a frame ${tagName(tag) ?? tag}`
}
