/**
 * Segments to bytes, in the three layouts: 2.0 with checksums, 2.1 with checksums, 2.1 encrypted.
 *
 * Encrypted 2.0 is left out on purpose: there a receiver acts on lengths before it knows that they are genuine
 * (CVE-2020-1759). Large segments are referenced, not copied, when they travel in the clear.
 */
import { writeUint32 } from '../native/bytes.ts'
import { concat } from '../../common/bytes.ts'
import type { SecureChannel } from './crypto.ts'
import { GCM_BLOCK_BYTES, INLINE_BYTES, LATE_COMPLETE, PREAMBLE_BYTES, SEGMENTS_MAX, type Revision } from './format.ts'
import { segmentCrc, writePreamble } from './preamble.ts'

const NOTHING = new Uint8Array(0)

export class FrameEncoder {
  #revision: Revision = 1
  #channel: SecureChannel | null = null

  use(revision: Revision): void {
    this.#revision = revision
  }

  /** Everything from here on is encrypted. */
  secure(channel: SecureChannel): void {
    this.#channel = channel
  }

  /** A frame of one segment. Null when no nonce is left. */
  control(tag: number, payload: Uint8Array): Uint8Array | null {
    const parts = this.frame(tag, [payload])
    return parts === null ? null : concat(parts)
  }

  /** The frame as parts in order. Trailing empty segments are dropped; the first stays. Null: no nonce is left. */
  frame(tag: number, segments: readonly Uint8Array[]): Uint8Array[] | null {
    let count = segments.length
    while (count > 1 && segments[count - 1]!.length === 0) count--
    const whole = segments.slice(0, count)
    if (this.#channel !== null) return sealed(this.#channel, tag, whole)
    return this.#revision === 1 ? checked(tag, whole) : checkedRevision0(tag, whole)
  }
}

/** 2.1: the first segment has its checksum behind it; the others share an epilogue, if there are others. */
function checked(tag: number, segments: readonly Uint8Array[]): Uint8Array[] {
  const [first = NOTHING, ...others] = segments
  const head = new Uint8Array(PREAMBLE_BYTES + first.length + (first.length > 0 ? 4 : 0))
  writePreamble(head, 0, tag, lengthsOf(segments))
  head.set(first, PREAMBLE_BYTES)
  if (first.length > 0) writeUint32(head, PREAMBLE_BYTES + first.length, segmentCrc(first))
  if (others.length === 0) return [head]
  const epilogue = new Uint8Array(1 + 4 * (SEGMENTS_MAX - 1))
  epilogue[0] = LATE_COMPLETE
  others.forEach((segment, index) => {
    writeUint32(epilogue, 1 + 4 * index, segmentCrc(segment))
  })
  return [head, ...others, epilogue]
}

/** 2.0: all checksums are in the epilogue, which is always there. */
function checkedRevision0(tag: number, segments: readonly Uint8Array[]): Uint8Array[] {
  const head = new Uint8Array(PREAMBLE_BYTES)
  writePreamble(head, 0, tag, lengthsOf(segments))
  const epilogue = new Uint8Array(1 + 4 * SEGMENTS_MAX)
  segments.forEach((segment, index) => {
    writeUint32(epilogue, 1 + 4 * index, segmentCrc(segment))
  })
  return [head, ...segments, epilogue]
}

/** 2.1 encrypted: the preamble and the beginning of the first segment, its rest, then all others with the epilogue. */
function sealed(channel: SecureChannel, tag: number, segments: readonly Uint8Array[]): Uint8Array[] | null {
  const [first = NOTHING, ...others] = segments
  const head = new Uint8Array(PREAMBLE_BYTES + INLINE_BYTES)
  writePreamble(head, 0, tag, lengthsOf(segments))
  head.set(first.subarray(0, INLINE_BYTES), PREAMBLE_BYTES)
  const records: (Uint8Array | null)[] = [channel.seal([head])]
  if (first.length > INLINE_BYTES) records.push(channel.seal(padded(first.subarray(INLINE_BYTES))))
  if (others.length > 0) {
    const epilogue = new Uint8Array(GCM_BLOCK_BYTES)
    epilogue[0] = LATE_COMPLETE
    records.push(channel.seal([...others.flatMap(padded), epilogue]))
  }
  return records.every((record) => record !== null) ? records : null
}

function padded(segment: Uint8Array): Uint8Array[] {
  const missing = (GCM_BLOCK_BYTES - (segment.length % GCM_BLOCK_BYTES)) % GCM_BLOCK_BYTES
  return missing === 0 ? [segment] : [segment, new Uint8Array(missing)]
}

function lengthsOf(segments: readonly Uint8Array[]): number[] {
  return segments.map(({ length }) => length)
}
