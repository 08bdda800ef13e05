/**
 * The 32 bytes before every frame, and the checksums of this protocol: CRC-32C as Ceph computes it, with a seed and
 * without the final inversion. The preamble is seeded with 0, segments with all ones.
 */
import { crc32c } from '../crc32c.ts'
import { readUint16, readUint32, writeUint16, writeUint32 } from '../native/bytes.ts'
import { ALIGNMENT, DATA_ALIGNMENT, FRAME_COMPRESSED, PREAMBLE_BYTES, SEGMENTS_MAX } from './format.ts'

export interface Preamble {
  readonly tag: number
  /** Lengths of the 1 to 4 segments. */
  readonly lengths: readonly number[]
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

/** Reads the preamble at the beginning of `bytes`; text says why there is none. */
export function readPreamble(bytes: Uint8Array): Preamble | string {
  if (cephCrc(0, bytes, 0, CRC_AT) !== readUint32(bytes, CRC_AT)) return 'the checksum of a preamble does not match'
  const count = bytes[1]!
  if (count < 1 || count > SEGMENTS_MAX) return `a frame of ${count} segments`
  const lengths: number[] = []
  for (let index = 0; index < SEGMENTS_MAX; index++) {
    const at = 2 + index * 6
    const length = readUint32(bytes, at)
    if (index < count) lengths.push(length)
    else if (length !== 0 || readUint16(bytes, at + 4) !== 0) return 'a segment that is not there has a length'
  }
  if (count > 1 && lengths[count - 1] === 0) return 'the last segment of a frame is empty'
  if ((bytes[FLAGS_AT]! & FRAME_COMPRESSED) !== 0) {
    return 'a compressed frame: compression was not agreed on, and Inkwire has none'
  }
  if (bytes[FLAGS_AT] !== 0 || bytes[FLAGS_AT + 1] !== 0) return 'reserved bits of a preamble are set'
  return { tag: bytes[0]!, lengths }
}

/** Writes the preamble of a frame at `at`. Every byte is written. */
export function writePreamble(bytes: Uint8Array, at: number, tag: number, lengths: readonly number[]): void {
  bytes[at] = tag
  bytes[at + 1] = lengths.length
  for (let index = 0; index < SEGMENTS_MAX; index++) {
    const there = index < lengths.length
    writeUint32(bytes, at + 2 + index * 6, lengths[index] ?? 0)
    writeUint16(bytes, at + 6 + index * 6, there ? (index === SEGMENTS_MAX - 1 ? DATA_ALIGNMENT : ALIGNMENT) : 0)
  }
  bytes[at + FLAGS_AT] = 0
  bytes[at + FLAGS_AT + 1] = 0
  writeUint32(bytes, at + CRC_AT, cephCrc(0, bytes, at, at + PREAMBLE_BYTES - 4))
}
