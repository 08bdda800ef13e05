/**
 * Writes MESSAGES frames: one header and one checksum for a run of messages, or for a piece of a large one.
 *
 * Small segments are copied behind their records; large ones go by reference. Lengths are summed first, so the checksum
 * can run over each part once, while it is in the cache. A frame may begin in one slab and go on in the next: the header
 * and the part that is not checksummed yet are held by their own slab. Nothing is allocated per message.
 *
 * A run goes out as one frame, or as more when the peer takes only smaller ones; the limits of the two sides need not be
 * the same, and nobody above has to know the peer's.
 */
import type { Deque } from '../../common/deque.ts'
import { crc32c } from '../crc32c.ts'
import type { OutboundMessage } from '../message.ts'
import { ATTACH_BYTES_MIN, type OutBuffer } from '../out-buffer.ts'
import type { BatchHeader, WireCapabilities } from '../wire.ts'
import { writeStamp, writeUint16, writeUint32, writeUint64 } from './bytes.ts'
import {
  CHECKSUM,
  CHECKSUM_OFFSET,
  FRAME_FLAG,
  MESSAGES_HEADER_BYTES,
  RECORD_BYTES_MAX,
  RECORD_FLAG,
  TAG,
  type ChecksumKind,
} from './format.ts'
import { fieldFlags, recordBytes, writeRecord } from './record.ts'

const NO_BYTES = new Uint8Array(0)

/** What both sides have agreed on. */
export interface EncoderTerms {
  readonly checksum: ChecksumKind
  /** The largest payload that the peer takes. */
  readonly frameBytesMax: number
  readonly capabilities: Pick<WireCapabilities, 'expiry'>
}

export class BatchEncoder {
  readonly #checksum: ChecksumKind
  readonly #frameBytesMax: number
  /** The peer knows that messages expire. */
  readonly #expiry: boolean
  /** Now, for what expires. */
  #nowMs = 0
  /** The slab with the header of the frame being written, and where it is. */
  #headSlab: Uint8Array = NO_BYTES
  #head = 0
  /** The current slab; its part [from, end) is not in the checksum yet. */
  #slab: Uint8Array = NO_BYTES
  #from = 0
  #end = 0
  #crc = 0

  constructor({ checksum, frameBytesMax, capabilities }: EncoderTerms) {
    this.#checksum = checksum
    this.#frameBytesMax = frameBytesMax
    this.#expiry = capabilities.expiry === true
  }

  /** See Wire.encodeBatch. */
  encodeBatch(out: OutBuffer, header: BatchHeader, queue: Deque<OutboundMessage>, index: number, count: number): void {
    const end = index + count
    let first = index
    let payloadBytes = 0
    for (let i = index; i < end; i++) {
      const message = queue.at(i)!
      const bytes = recordBytes(fieldFlags(message, this.#expiry)) + message.bytes
      if (payloadBytes + bytes > this.#frameBytesMax) {
        this.#run(out, header, header.firstSeq + first - index, queue, first, i, payloadBytes)
        first = i
        payloadBytes = 0
        if (bytes > this.#frameBytesMax) {
          this.#chunks(out, header, header.firstSeq + i - index, message, 0, message.bytes)
          first = i + 1
          continue
        }
      }
      payloadBytes += bytes
    }
    this.#run(out, header, header.firstSeq + first - index, queue, first, end, payloadBytes)
  }

  /** See Wire.encodeChunk. */
  encodeChunk(out: OutBuffer, header: BatchHeader, message: OutboundMessage, offset: number, length: number): void {
    this.#chunks(out, header, header.firstSeq, message, offset, length)
  }

  /** Messages `[first, end)` of the queue as one frame; none when there are none. */
  #run(
    out: OutBuffer,
    header: BatchHeader,
    seq: number,
    queue: Deque<OutboundMessage>,
    first: number,
    end: number,
    payloadBytes: number,
  ): void {
    if (first === end) return
    this.#begin(out, header, seq, end - first, payloadBytes)
    for (let i = first; i < end; i++) this.#message(out, queue.at(i)!)
    this.#finish()
  }

  /** A part of a message as one frame, or as several when the peer does not take it in one. */
  #chunks(
    out: OutBuffer,
    header: BatchHeader,
    seq: number,
    message: OutboundMessage,
    offset: number,
    length: number,
  ): void {
    const most = this.#frameBytesMax - RECORD_BYTES_MAX
    const end = offset + length
    for (let from = offset; from < end; from += most) {
      this.#chunk(out, header, seq, message, from, Math.min(most, end - from))
    }
  }

  #chunk(
    out: OutBuffer,
    header: BatchHeader,
    seq: number,
    message: OutboundMessage,
    offset: number,
    length: number,
  ): void {
    const { CHUNK, CONTINUATION } = RECORD_FLAG
    const flags = offset > 0 ? CHUNK | CONTINUATION : CHUNK | fieldFlags(message, this.#expiry)
    const size = recordBytes(flags)
    this.#begin(out, header, seq, 1, size + length)
    const at = this.#reserve(out, size)
    writeRecord(this.#slab, at, message, flags, length, this.#nowMs)
    let start = 0
    for (const segment of [message.extension, message.front, message.middle, message.data]) {
      if (segment === null) continue
      const from = Math.max(offset - start, 0)
      const to = Math.min(offset + length - start, segment.length)
      if (from < to) this.#segment(out, segment.subarray(from, to))
      start += segment.length
    }
    this.#finish()
  }

  #begin(out: OutBuffer, header: BatchHeader, seq: number, count: number, payloadBytes: number): void {
    const at = out.reserve(MESSAGES_HEADER_BYTES)
    const bytes = out.bytes
    bytes[at] = TAG.MESSAGES
    bytes[at + 1] = this.#checksum | (header.ackNow ? FRAME_FLAG.ACK_NOW : 0)
    bytes[at + 2] = header.lane
    bytes[at + 3] = 0
    writeUint32(bytes, at + 4, payloadBytes)
    writeUint32(bytes, at + CHECKSUM_OFFSET, 0)
    writeUint16(bytes, at + 12, count)
    writeUint16(bytes, at + 14, 0)
    writeUint64(bytes, at + 16, seq)
    writeUint64(bytes, at + 24, header.received)
    writeUint64(bytes, at + 32, header.processed)
    writeStamp(bytes, at + 40, header.stampMs, header.stampCounter)
    this.#nowMs = header.nowMs ?? 0
    this.#headSlab = bytes
    this.#head = at
    this.#slab = bytes
    this.#crc = this.#checksum === CHECKSUM.NONE ? 0 : crc32c(bytes, at, at + CHECKSUM_OFFSET)
    this.#from = at + CHECKSUM_OFFSET + 4
    this.#end = at + MESSAGES_HEADER_BYTES
  }

  #message(out: OutBuffer, message: OutboundMessage): void {
    const flags = fieldFlags(message, this.#expiry)
    const size = recordBytes(flags)
    const small = message.bytes < ATTACH_BYTES_MIN
    let at = this.#reserve(out, small ? size + message.bytes : size)
    const slab = this.#slab
    writeRecord(slab, at, message, flags, 0, this.#nowMs)
    at += size
    if (flags & RECORD_FLAG.EXTENSION) {
      if (small) slab.set(message.extension!, at)
      else this.#segment(out, message.extension!)
      at += message.extension!.length
    }
    if (flags & RECORD_FLAG.FRONT) {
      if (small) slab.set(message.front!, at)
      else this.#segment(out, message.front!)
      at += message.front!.length
    }
    if (flags & RECORD_FLAG.MIDDLE) {
      if (small) slab.set(message.middle!, at)
      else this.#segment(out, message.middle!)
      at += message.middle!.length
    }
    if (flags & RECORD_FLAG.DATA) {
      if (small) slab.set(message.data!, at)
      else this.#segment(out, message.data!)
    }
  }

  #segment(out: OutBuffer, segment: Uint8Array): void {
    if (segment.length < ATTACH_BYTES_MIN) {
      const at = this.#reserve(out, segment.length)
      this.#slab.set(segment, at)
      return
    }
    this.#fold()
    out.attach(segment)
    if (this.#checksum !== CHECKSUM.NONE) this.#crc = crc32c(segment, 0, segment.length, this.#crc)
  }

  /** Room in the current slab, or in a new one when it is full. */
  #reserve(out: OutBuffer, count: number): number {
    const at = out.reserve(count)
    if (out.bytes !== this.#slab) {
      this.#fold()
      this.#slab = out.bytes
      this.#from = at
    }
    this.#end = at + count
    return at
  }

  /** Takes what was written to the slab into the checksum. */
  #fold(): void {
    if (this.#checksum !== CHECKSUM.NONE) this.#crc = crc32c(this.#slab, this.#from, this.#end, this.#crc)
    this.#from = this.#end
  }

  #finish(): void {
    this.#fold()
    writeUint32(this.#headSlab, this.#head + CHECKSUM_OFFSET, this.#crc)
    this.#headSlab = NO_BYTES
    this.#slab = NO_BYTES
  }
}
