/**
 * Cuts a stream of bytes, split anywhere, into a banner and frames, and checks each before anyone looks into it.
 *
 * A frame that lies whole in a received chunk is parsed where it lies. Of any other, the body goes straight to where it
 * belongs when the receiver knows that already (the rest of a large message); else the frame is copied into an array of
 * exactly its size, by way of a smaller one when it is large (see growing.ts). So the work is linear in the bytes and at
 * most one partial frame is held. Before memory is taken the common header must be sound, the frame must be expected now,
 * and its length within the limits: until authentication, all bytes of a peer together; afterwards, each frame's payload.
 * After a fault the decoder is deaf.
 */
import type { InkwireErrorCode } from '../../common/errors.ts'
import { roomFor } from '../growing.ts'
import type { WireContext, WireLimits } from '../wire.ts'
import { refuseMagic } from './banner.ts'
import { readUint32 } from './bytes.ts'
import { BANNER_BYTES, CHECKSUM, COMMON_HEADER_BYTES, CONTROL_BYTES_MAX, TAG, type ChecksumKind } from './format.ts'
import { checksumHolds, describeFrame, frameBytes, refuseHead } from './frame-head.ts'
import { Pouring, type Place } from './pouring.ts'

/** What a decoder needs of the context of its Wire. */
export type DecoderContext = Pick<WireContext, 'limits' | 'allocate'>

/** What a FrameDecoder tells. The bytes it hands out are the caller's again when a method returns. */
export interface FrameReceiver {
  /** A whole banner that begins as ours does. */
  banner(banner: Uint8Array): void
  /** Why a frame must not come now, or null. */
  refuses(tag: number): string | null
  /** A control frame with its header; the checksum holds. */
  control(tag: number, frame: Uint8Array): void
  /** A MESSAGES frame at `bytes[at, end)`; the checksum holds. `stable`: the array is its own. */
  messages(bytes: Uint8Array, at: number, end: number, stable: boolean): void
  /**
   * A MESSAGES frame of `total` bytes begins at `bytes[at, have)`, its checksum not known yet. Where its body may be
   * written meanwhile; null: nowhere. Nothing of the frame is believed by this.
   */
  place(bytes: Uint8Array, at: number, have: number, total: number): Place | null
  /** The body of the frame lies in its place; here are its headers; the checksum holds. */
  placed(head: Uint8Array): void
  /** Called once; nothing follows. */
  fault(code: InkwireErrorCode, reason: string): void
}

export class FrameDecoder {
  readonly #receiver: FrameReceiver
  readonly #limits: WireLimits
  readonly #allocate: DecoderContext['allocate']
  #expects: 'banner' | 'frames' | 'nothing' = 'banner'
  /** What an unauthenticated peer may still send; Infinity once it is authenticated. */
  #allowanceBytes: number
  #checksum: ChecksumKind = CHECKSUM.CRC32C
  /** See #first. */
  #head: Uint8Array | null = null
  /** The one partial frame, and how much there is of it (or of the head, while there is no frame). */
  #frame: Uint8Array | null = null
  #frameBytes = 0
  #filled = 0
  #pouring: Pouring | null = null

  constructor(receiver: FrameReceiver, { limits, allocate }: DecoderContext) {
    this.#receiver = receiver
    this.#limits = limits
    this.#allocate = allocate
    this.#allowanceBytes = limits.handshakeBytes
  }

  /** From here on each frame has a limit of its own. */
  authenticated(): void {
    this.#allowanceBytes = Infinity
  }

  /** The only kind of checksum that MESSAGES frames may have. */
  agree(checksum: ChecksumKind): void {
    this.#checksum = checksum
  }

  /** Ignores everything from here on. */
  stop(): void {
    this.#expects = 'nothing'
    this.#frame = null
    this.#pouring = null
  }

  /** The first bytes of a banner or frame, until there are enough to judge it. Most links never need it for a frame. */
  #first(): Uint8Array {
    return (this.#head ??= new Uint8Array(Math.max(BANNER_BYTES, COMMON_HEADER_BYTES)))
  }

  /** See Wire.room. */
  room(): Uint8Array | null {
    return this.#pouring === null ? null : this.#pouring.room
  }

  receive(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      switch (this.#expects) {
        case 'banner':
          at = this.#takeBanner(chunk, at)
          break
        case 'frames':
          at = this.#takeFrame(chunk, at)
          break
        case 'nothing':
          return
      }
    }
  }

  #takeBanner(chunk: Uint8Array, start: number): number {
    const at = this.#collect(chunk, start, BANNER_BYTES)
    const reason = refuseMagic(this.#first(), this.#filled)
    if (reason !== null) this.#fault('INK_INCOMPATIBLE', reason)
    else if (this.#filled === BANNER_BYTES) {
      this.#filled = 0
      this.#expects = 'frames'
      this.#allowanceBytes -= BANNER_BYTES
      const banner = this.#first().subarray(0, BANNER_BYTES)
      this.#head = null
      this.#receiver.banner(banner)
    }
    return at
  }

  #takeFrame(chunk: Uint8Array, start: number): number {
    if (this.#frame !== null) return this.#fill(chunk, start)
    if (this.#pouring !== null) return this.#pour(this.#pouring, chunk, start)
    if (this.#filled > 0 || chunk.length - start < COMMON_HEADER_BYTES) {
      const at = this.#collect(chunk, start, COMMON_HEADER_BYTES)
      return this.#filled < COMMON_HEADER_BYTES ? at : this.#begin(this.#first(), 0, chunk, at)
    }
    const total = this.#judge(chunk, start)
    if (total === 0) return chunk.length
    const end = start + total
    if (end > chunk.length) return this.#await(chunk, start, total)
    this.#deliver(chunk, start, end, false)
    return end
  }

  /** Takes the beginning of a frame whose end is not here yet. */
  #await(chunk: Uint8Array, start: number, total: number): number {
    const place = chunk[start] === TAG.MESSAGES ? this.#receiver.place(chunk, start, chunk.length, total) : null
    if (place === null) {
      this.#collectFrame(total, chunk.length - start)
      return this.#fill(chunk, start)
    }
    this.#pouring = new Pouring(place, chunk, start, total, this.#checksum)
    return this.#pour(this.#pouring, chunk, start + place.headBytes)
  }

  #pour(pouring: Pouring, chunk: Uint8Array, start: number): number {
    const end = pouring.take(chunk, start)
    if (!pouring.isWhole) return end
    this.#pouring = null
    if (pouring.holds) this.#receiver.placed(pouring.head)
    else this.#refuseChecksum(TAG.MESSAGES)
    return end
  }

  /** The head was split over chunks: the frame goes into an array of its own, however small it is. */
  #begin(head: Uint8Array, headAt: number, chunk: Uint8Array, at: number): number {
    const total = this.#judge(head, headAt)
    if (total === 0) return chunk.length
    const frame = this.#collectFrame(total, COMMON_HEADER_BYTES + chunk.length - at)
    frame.set(head.subarray(headAt, headAt + COMMON_HEADER_BYTES))
    return this.#fill(chunk, at)
  }

  #collectFrame(total: number, here: number): Uint8Array {
    this.#frameBytes = total
    return (this.#frame = this.#allocate(roomFor(total, here)))
  }

  #fill(chunk: Uint8Array, at: number): number {
    const frame = this.#frameWithRoom()
    const end = Math.min(chunk.length, at + frame.length - this.#filled)
    frame.set(chunk.subarray(at, end), this.#filled)
    this.#filled += end - at
    if (this.#filled === this.#frameBytes) {
      this.#frame = null
      this.#filled = 0
      this.#deliver(frame, 0, frame.length, true)
    }
    return end
  }

  #frameWithRoom(): Uint8Array {
    const begun = this.#frame!
    if (this.#filled < begun.length || this.#filled === this.#frameBytes) return begun
    const frame = this.#allocate(roomFor(this.#frameBytes, this.#filled))
    frame.set(begun)
    return (this.#frame = frame)
  }

  #collect(chunk: Uint8Array, at: number, wanted: number): number {
    const end = Math.min(chunk.length, at + wanted - this.#filled)
    this.#first().set(chunk.subarray(at, end), this.#filled)
    this.#filled += end - at
    return end
  }

  /** The length of a whole frame whose common header is at `at`; 0 after a fault. */
  #judge(bytes: Uint8Array, at: number): number {
    const tag = bytes[at]!
    const payloadBytes = readUint32(bytes, at + 4)
    const total = frameBytes(tag, payloadBytes)
    const reason =
      refuseHead(tag, bytes, at, this.#checksum) ??
      this.#receiver.refuses(tag) ??
      this.#refuseLength(tag, payloadBytes, total)
    if (reason !== null) {
      this.#fault('INK_INCOMPATIBLE', reason)
      return 0
    }
    this.#allowanceBytes -= total
    return total
  }

  #refuseLength(tag: number, payloadBytes: number, total: number): string | null {
    if (this.#allowanceBytes !== Infinity) {
      const limit = this.#limits.handshakeBytes
      return total <= this.#allowanceBytes ? null : `more than ${limit} bytes before authentication`
    }
    const limit = tag === TAG.MESSAGES ? this.#limits.frameBytes : CONTROL_BYTES_MAX
    return payloadBytes <= limit ? null : `${describeFrame(tag)} of ${payloadBytes} bytes; the limit is ${limit}`
  }

  #deliver(bytes: Uint8Array, at: number, end: number, stable: boolean): void {
    const tag = bytes[at]!
    if (!checksumHolds(tag, bytes, at, end, this.#checksum)) this.#refuseChecksum(tag)
    else if (tag === TAG.MESSAGES) this.#receiver.messages(bytes, at, end, stable)
    else this.#receiver.control(tag, bytes.subarray(at, end))
  }

  /** Not INK_INCOMPATIBLE: the peer meant something else, so a new link may well do better. */
  #refuseChecksum(tag: number): void {
    this.#fault('INK_RESET', `the checksum of ${describeFrame(tag)} does not match: its bytes were altered on the way`)
  }

  #fault(code: InkwireErrorCode, reason: string): void {
    this.stop()
    this.#receiver.fault(code, reason)
  }
}
