/**
 * The 32 bytes before every frame, and the checksums of this protocol: CRC-32C as Ceph computes it, with a seed and
 * without the final inversion. The preamble is seeded with 0, segments with all ones.
 */
import { crc32c } from '../../wire/crc32c.ts'
import { readUint16, readUint32, writeUint16, writeUint32 } from '../../wire/native/bytes.ts'
import { ALIGNMENT, DATA_ALIGNMENT, FRAME_COMPRESSED, SEGMENTS_MAX } from './format.ts'

/** One that was read. A decoder has one and overwrites it, because there is one per message. */
export interface Preamble {
  tag: number
  /** 1 to 4 segments. */
  count: number
  /** Of all four segments; 0 where there is none. */
  readonly lengths: number[]
}

export function emptyPreamble(): Preamble {
  return { tag: 0, count: 0, lengths: new Array<number>(SEGMENTS_MAX).fill(0) }
}

/** Length of all segments but the first. */
export function othersBytes({ lengths }: Preamble): number {
  return lengths[1]! + lengths[2]! + lengths[3]!
}

const CRC_AT = 28
const FLAGS_AT = 26

/** Ceph's CRC-32C of `bytes[start, end)`. */
export function cephCrc(seed: number, bytes: Uint8Array, start = 0, end = bytes.length): number {
  return ~crc32c(bytes, start, end, ~seed >>> 0) >>> 0
}

export function segmentCrc(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return cephCrc(0xffffffff, bytes, start, end)
}

/** Reads the preamble at `start`; text says why there is none, and then nothing of `into` means anything. */
export function readPreamble(bytes: Uint8Array, start: number, into: Preamble): string | null {
  if (cephCrc(0, bytes, start, start + CRC_AT) !== readUint32(bytes, start + CRC_AT)) {
    return 'the checksum of a preamble does not match'
  }
  const count = bytes[start + 1]!
  if (count < 1 || count > SEGMENTS_MAX) return `a frame of ${count} segments`
  const { lengths } = into
  for (let index = 0; index < SEGMENTS_MAX; index++) {
    const at = start + 2 + index * 6
    const length = readUint32(bytes, at)
    if (index >= count && (length !== 0 || readUint16(bytes, at + 4) !== 0)) {
      return 'a segment that is not there has a length'
    }
    lengths[index] = length
  }
  if (count > 1 && lengths[count - 1] === 0) return 'the last segment of a frame is empty'
  const flags = bytes[start + FLAGS_AT]!
  if ((flags & FRAME_COMPRESSED) !== 0) {
    return 'a compressed frame: compression was not agreed on, and Inkwire has none'
  }
  if (flags !== 0 || bytes[start + FLAGS_AT + 1] !== 0) return 'reserved bits of a preamble are set'
  into.tag = bytes[start]!
  into.count = count
  return null
}

/** Writes the preamble of a frame of `count` segments at `at`. Every byte is written. */
export function writePreamble(
  bytes: Uint8Array,
  at: number,
  tag: number,
  count: number,
  first: number,
  front = 0,
  middle = 0,
  data = 0,
): void {
  bytes[at] = tag
  bytes[at + 1] = count
  writeSegment(bytes, at + 2, first, ALIGNMENT)
  writeSegment(bytes, at + 8, front, count > 1 ? ALIGNMENT : 0)
  writeSegment(bytes, at + 14, middle, count > 2 ? ALIGNMENT : 0)
  writeSegment(bytes, at + 20, data, count > 3 ? DATA_ALIGNMENT : 0)
  bytes[at + FLAGS_AT] = 0
  bytes[at + FLAGS_AT + 1] = 0
  writeUint32(bytes, at + CRC_AT, cephCrc(0, bytes, at, at + CRC_AT))
}

function writeSegment(bytes: Uint8Array, at: number, length: number, alignment: number): void {
  writeUint32(bytes, at, length)
  writeUint16(bytes, at + 4, alignment)
}
