/**
 * How the parts of a frame lie on the wire, and how they are checked: the receiving half of frame-encoder.ts.
 *
 * A layout says how long each part is and makes plain segments of it. Null, or text, says why they must not be taken.
 */
import { readUint32 } from '../../wire/native/bytes.ts'
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
import { othersBytes, segmentCrc, type Preamble } from './preamble.ts'

export interface FrameLayout {
  readonly headBytes: number
  /** Whether a frame lies on the wire as its segments are: then one that is all there can be read where it lies. */
  readonly isPlain: boolean
  /** Preamble and what came with it. Null: it was altered. */
  head(bytes: Uint8Array): Uint8Array | null
  /** What is still to come of the first segment. */
  firstBytes(preamble: Preamble): number
  /** The first segment, from what came with the head and what came after it. */
  first(preamble: Preamble, inline: Uint8Array, bytes: Uint8Array): Uint8Array | string
  /** What comes behind it: the other segments, and what ends the frame apart from them. */
  bodyBytes(preamble: Preamble): number
  tailBytes(preamble: Preamble): number
  /** The other segments, end to end, at the beginning of what comes back. */
  body(preamble: Preamble, first: Uint8Array, bytes: Uint8Array, tail: Uint8Array): Uint8Array | string
}

const ABORTED = 'the peer gave up a frame that it had begun'
export const ALTERED = 'the checksum or seal of a frame does not match: its bytes were altered on the way'
const NO_CRC = 'the peer sends no checksums (its ms_crc_data is false): both ends must have them'

/** How a frame ended, and the checksums of all segments but the first; in 2.0, which always says it, of all. */
export const TAIL_BYTES = 1 + 4 * (SEGMENTS_MAX - 1)
const TAIL_BYTES_REVISION_0 = 1 + 4 * SEGMENTS_MAX

/** In the clear, with checksums. */
export class Layout implements FrameLayout {
  readonly headBytes = PREAMBLE_BYTES
  readonly isPlain: boolean
  readonly #revision: Revision

  constructor(revision: Revision) {
    this.#revision = revision
    this.isPlain = revision === 1
  }

  head(bytes: Uint8Array): Uint8Array {
    return bytes
  }

  firstBytes({ lengths: [first = 0] }: Preamble): number {
    return this.#revision === 1 && first > 0 ? first + 4 : first
  }

  first({ lengths: [first = 0] }: Preamble, _inline: Uint8Array, bytes: Uint8Array): Uint8Array | string {
    // In 2.0 the checksum comes at the very end.
    if (this.#revision === 0 || first === 0) return bytes
    return refuseSegment(bytes, 0, first, readUint32(bytes, first)) ?? bytes.subarray(0, first)
  }

  bodyBytes(preamble: Preamble): number {
    return othersBytes(preamble)
  }

  tailBytes({ count }: Preamble): number {
    return this.#revision === 0 ? TAIL_BYTES_REVISION_0 : count === 1 ? 0 : TAIL_BYTES
  }

  body(preamble: Preamble, first: Uint8Array, bytes: Uint8Array, tail: Uint8Array): Uint8Array | string {
    if (this.#revision === 1) return refuseBody(preamble, bytes, 0, tail, 0) ?? bytes
    if ((tail[0]! & LATE_ABORTED_REVISION_0) !== 0) return ABORTED
    const refused = refuseSegment(first, 0, first.length, readUint32(tail, 1))
    return refused ?? refuseSegments(preamble, bytes, 0, tail, 5) ?? bytes
  }
}

/**
 * Why the segments behind the first, end to end from `bytes[at]` on, must not be taken; null when they can. `tail[tailAt]`
 * begins what ends the frame. For 2.1 in the clear.
 */
export function refuseBody(
  preamble: Preamble,
  bytes: Uint8Array,
  at: number,
  tail: Uint8Array,
  tailAt: number,
): string | null {
  if (preamble.count === 1) return null
  return refuseLate(tail[tailAt]!) ?? refuseSegments(preamble, bytes, at, tail, tailAt + 1)
}

function refuseSegments(
  { lengths, count }: Preamble,
  bytes: Uint8Array,
  start: number,
  tail: Uint8Array,
  crcs: number,
): string | null {
  let at = start
  for (let index = 1; index < count; index++) {
    const length = lengths[index]!
    const refused = refuseSegment(bytes, at, at + length, readUint32(tail, crcs + 4 * (index - 1)))
    if (refused !== null) return refused
    at += length
  }
  return null
}

/** Why a segment must not be taken; null when its checksum is the one that was stated. */
export function refuseSegment(bytes: Uint8Array, start: number, end: number, stated: number): string | null {
  if (segmentCrc(bytes, start, end) === stated) return null
  return stated === 0 ? NO_CRC : ALTERED
}

/** Encrypted; 2.1 only. */
export class SecureLayout implements FrameLayout {
  readonly headBytes = PREAMBLE_BYTES + INLINE_BYTES + GCM_TAG_BYTES
  readonly isPlain = false
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

  first({ lengths: [first = 0] }: Preamble, inline: Uint8Array, bytes: Uint8Array): Uint8Array | string {
    if (bytes.length === 0) return inline.subarray(0, first)
    const rest = this.#channel.open(bytes)
    if (rest === null) return ALTERED
    const whole = new Uint8Array(first)
    whole.set(inline)
    whole.set(rest.subarray(0, first - INLINE_BYTES), INLINE_BYTES)
    return whole
  }

  bodyBytes({ lengths, count }: Preamble): number {
    if (count === 1) return 0
    return blocks(lengths[1]!) + blocks(lengths[2]!) + blocks(lengths[3]!) + GCM_BLOCK_BYTES + GCM_TAG_BYTES
  }

  /** Nothing: the same seal is around it. */
  tailBytes(): number {
    return 0
  }

  /** The padding between the segments is taken out where they lie. */
  body({ lengths, count }: Preamble, _first: Uint8Array, bytes: Uint8Array): Uint8Array | string {
    if (count === 1) return bytes
    const plain = this.#channel.open(bytes)
    if (plain === null) return ALTERED
    const late = refuseLate(plain[plain.length - GCM_BLOCK_BYTES]!)
    if (late !== null) return late
    let from = 0
    let to = 0
    for (let index = 1; index < SEGMENTS_MAX; index++) {
      const length = lengths[index]!
      if (from > to && length > 0) plain.copyWithin(to, from, from + length)
      from += blocks(length)
      to += length
    }
    return plain
  }
}

function refuseLate(status: number): string | null {
  const code = status & LATE_MASK
  if (code === LATE_COMPLETE) return null
  return code === LATE_ABORTED ? ABORTED : ALTERED
}

function blocks(length: number): number {
  return Math.ceil(length / GCM_BLOCK_BYTES) * GCM_BLOCK_BYTES
}
