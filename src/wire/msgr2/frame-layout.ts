/**
 * How the parts of a frame lie on the wire, and how they are checked: the receiving half of frame-encoder.ts.
 *
 * A layout says how long each part is and makes plain segments of it. Null, or text, stands for bytes that were altered.
 */
import { readUint32 } from '../native/bytes.ts'
import type { SecureChannel } from './crypto.ts'
import {
  GCM_BLOCK_BYTES,
  GCM_TAG_BYTES,
  INLINE_BYTES,
  LATE_ABORTED,
  LATE_ABORTED_REVISION_0,
  LATE_COMPLETE,
  LATE_MASK,
  PREAMBLE_BYTES,
  SEGMENTS_MAX,
  type Revision,
} from './format.ts'
import { segmentCrc, type Preamble } from './preamble.ts'

export interface FrameLayout {
  readonly headBytes: number
  /** Preamble and what came with it. */
  head(bytes: Uint8Array): Uint8Array | null
  /** What is still to come of the first segment. */
  firstBytes(preamble: Preamble): number
  /** The first segment, from what came with the head and what came after it. */
  first(preamble: Preamble, inline: Uint8Array, bytes: Uint8Array): Uint8Array | null
  restBytes(preamble: Preamble): number
  /** The other segments, end to end. */
  rest(preamble: Preamble, first: Uint8Array, bytes: Uint8Array): Uint8Array | string
}

const ABORTED = 'the peer gave up a frame that it had begun'
const ALTERED = 'the checksum of a segment does not match: its bytes were altered on the way'
const NO_CRC = 'the peer sends no checksums (its ms_crc_data is false): both ends must have them'

/** In the clear, with checksums. */
export class Layout implements FrameLayout {
  readonly headBytes = PREAMBLE_BYTES
  readonly #revision: Revision

  constructor(revision: Revision) {
    this.#revision = revision
  }

  head(bytes: Uint8Array): Uint8Array {
    return bytes
  }

  firstBytes({ lengths: [first = 0] }: Preamble): number {
    return this.#revision === 1 && first > 0 ? first + 4 : first
  }

  first({ lengths: [first = 0] }: Preamble, _inline: Uint8Array, bytes: Uint8Array): Uint8Array | null {
    // In 2.0 the checksum comes at the very end.
    if (this.#revision === 0 || first === 0) return bytes
    return segmentCrc(bytes, 0, first) === readUint32(bytes, first) ? bytes.subarray(0, first) : null
  }

  restBytes({ lengths }: Preamble): number {
    if (this.#revision === 0) return total(lengths.slice(1)) + 1 + 4 * SEGMENTS_MAX
    return lengths.length === 1 ? 0 : total(lengths.slice(1)) + 1 + 4 * (SEGMENTS_MAX - 1)
  }

  rest({ lengths }: Preamble, first: Uint8Array, bytes: Uint8Array): Uint8Array | string {
    const others = lengths.slice(1)
    const end = total(others)
    const late = refuseLate(bytes[end]!, this.#revision)
    if (late !== null) return late
    let crcAt = end + 1
    if (this.#revision === 0) {
      if (segmentCrc(first) !== readUint32(bytes, crcAt)) return ALTERED
      crcAt += 4
    }
    let at = 0
    for (const length of others) {
      const stated = readUint32(bytes, crcAt)
      if (segmentCrc(bytes, at, at + length) !== stated) return stated === 0 && length > 0 ? NO_CRC : ALTERED
      at += length
      crcAt += 4
    }
    return bytes.subarray(0, end)
  }
}

/** Encrypted; 2.1 only. */
export class SecureLayout implements FrameLayout {
  readonly headBytes = PREAMBLE_BYTES + INLINE_BYTES + GCM_TAG_BYTES
  readonly #channel: SecureChannel

  constructor(channel: SecureChannel) {
    this.#channel = channel
  }

  head(bytes: Uint8Array): Uint8Array | null {
    return this.#channel.open(bytes)
  }

  firstBytes({ lengths: [first = 0] }: Preamble): number {
    return first > INLINE_BYTES ? blocks(first - INLINE_BYTES) + GCM_TAG_BYTES : 0
  }

  first({ lengths: [first = 0] }: Preamble, inline: Uint8Array, bytes: Uint8Array): Uint8Array | null {
    if (bytes.length === 0) return inline.subarray(0, first)
    const rest = this.#channel.open(bytes)
    if (rest === null) return null
    const whole = new Uint8Array(first)
    whole.set(inline)
    whole.set(rest.subarray(0, first - INLINE_BYTES), INLINE_BYTES)
    return whole
  }

  restBytes({ lengths }: Preamble): number {
    if (lengths.length === 1) return 0
    return total(lengths.slice(1).map(blocks)) + GCM_BLOCK_BYTES + GCM_TAG_BYTES
  }

  rest({ lengths }: Preamble, _first: Uint8Array, bytes: Uint8Array): Uint8Array | string {
    const plain = this.#channel.open(bytes)
    if (plain === null) return ALTERED
    const late = refuseLate(plain[plain.length - GCM_BLOCK_BYTES]!, 1)
    if (late !== null) return late
    const body = new Uint8Array(total(lengths.slice(1)))
    let from = 0
    let to = 0
    for (const length of lengths.slice(1)) {
      body.set(plain.subarray(from, from + length), to)
      from += blocks(length)
      to += length
    }
    return body
  }
}

function refuseLate(status: number, revision: Revision): string | null {
  if (revision === 0) return (status & LATE_ABORTED_REVISION_0) === 0 ? null : ABORTED
  const code = status & LATE_MASK
  if (code === LATE_COMPLETE) return null
  return code === LATE_ABORTED ? ABORTED : ALTERED
}

function blocks(length: number): number {
  return Math.ceil(length / GCM_BLOCK_BYTES) * GCM_BLOCK_BYTES
}

function total(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + length, 0)
}
