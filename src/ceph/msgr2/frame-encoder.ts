/**
 * Segments to bytes, in the three layouts: 2.0 with checksums, 2.1 with checksums, 2.1 encrypted.
 *
 * Encrypted 2.0 is left out on purpose: there a receiver acts on lengths before it knows that they are genuine
 * (CVE-2020-1759). A message in the clear of 2.1 is written straight into the buffer, and nothing is allocated for it; large
 * segments are referenced there.
 */
import { concat } from '../../common/bytes.ts'
import { writeUint32 } from '../../wire/native/bytes.ts'
import { ATTACH_BYTES_MIN, type OutBuffer } from '../../wire/out-buffer.ts'
import type { SecureChannel } from './crypto.ts'
import {
  GCM_BLOCK_BYTES,
  HEADER_BYTES,
  INLINE_BYTES,
  LATE_COMPLETE,
  PREAMBLE_BYTES,
  SEGMENTS_MAX,
  TAG,
  type Revision,
} from './format.ts'
import { TAIL_BYTES } from './frame-layout.ts'
import { writeMessageHeader, type MessageHeader } from './message-header.ts'
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

  /** A message, behind what the buffer holds. False: no nonce is left. */
  message(out: OutBuffer, header: MessageHeader, front: Uint8Array, middle: Uint8Array, data: Uint8Array): boolean {
    if (this.#channel === null && this.#revision === 1) {
      writeMessage(out, header, front, middle, data)
      return true
    }
    const first = new Uint8Array(HEADER_BYTES)
    writeMessageHeader(first, 0, header)
    return this.put(out, TAG.MESSAGE, [first, front, middle, data])
  }

  /** A frame, behind what the buffer holds. False: no nonce is left. */
  put(out: OutBuffer, tag: number, segments: readonly Uint8Array[]): boolean {
    const parts = this.frame(tag, segments)
    for (const part of parts ?? []) putBytes(out, part)
    return parts !== null
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

/** The same bytes as `checked`. */
function writeMessage(
  out: OutBuffer,
  header: MessageHeader,
  front: Uint8Array,
  middle: Uint8Array,
  data: Uint8Array,
): void {
  const count = data.length > 0 ? 4 : middle.length > 0 ? 3 : front.length > 0 ? 2 : 1
  const at = out.reserve(PREAMBLE_BYTES + HEADER_BYTES + 4)
  const headerAt = at + PREAMBLE_BYTES
  const end = headerAt + HEADER_BYTES
  const { bytes } = out
  writePreamble(bytes, at, TAG.MESSAGE, count, HEADER_BYTES, front.length, middle.length, data.length)
  writeMessageHeader(bytes, headerAt, header)
  writeUint32(bytes, end, segmentCrc(bytes, headerAt, end))
  if (count === 1) return
  putBytes(out, front)
  if (count > 2) putBytes(out, middle)
  if (count > 3) putBytes(out, data)
  const tail = out.reserve(TAIL_BYTES)
  const after = out.bytes
  after[tail] = LATE_COMPLETE
  writeUint32(after, tail + 1, segmentCrc(front))
  writeUint32(after, tail + 5, count > 2 ? segmentCrc(middle) : 0)
  writeUint32(after, tail + 9, count > 3 ? segmentCrc(data) : 0)
}

function putBytes(out: OutBuffer, bytes: Uint8Array): void {
  if (bytes.length >= ATTACH_BYTES_MIN) out.attach(bytes)
  else if (bytes.length > 0) {
    const at = out.reserve(bytes.length)
    out.bytes.set(bytes, at)
  }
}

/** 2.1: the first segment has its checksum behind it; the others share an epilogue, if there are others. */
function checked(tag: number, segments: readonly Uint8Array[]): Uint8Array[] {
  const [first = NOTHING, ...others] = segments
  const head = new Uint8Array(PREAMBLE_BYTES + first.length + (first.length > 0 ? 4 : 0))
  writePreamble(head, 0, tag, segments.length, ...lengthsOf(segments))
  head.set(first, PREAMBLE_BYTES)
  if (first.length > 0) writeUint32(head, PREAMBLE_BYTES + first.length, segmentCrc(first))
  if (others.length === 0) return [head]
  const epilogue = new Uint8Array(TAIL_BYTES)
  epilogue[0] = LATE_COMPLETE
  others.forEach((segment, index) => {
    writeUint32(epilogue, 1 + 4 * index, segmentCrc(segment))
  })
  return [head, ...others, epilogue]
}

/** 2.0: all checksums are in the epilogue, which is always there. */
function checkedRevision0(tag: number, segments: readonly Uint8Array[]): Uint8Array[] {
  const head = new Uint8Array(PREAMBLE_BYTES)
  writePreamble(head, 0, tag, segments.length, ...lengthsOf(segments))
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
  writePreamble(head, 0, tag, segments.length, ...lengthsOf(segments))
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

/** Of all four; 0 where there is none. */
function lengthsOf(segments: readonly Uint8Array[]): [number, number, number, number] {
  const [first = NOTHING, front = NOTHING, middle = NOTHING, data = NOTHING] = segments
  return [first.length, front.length, middle.length, data.length]
}
