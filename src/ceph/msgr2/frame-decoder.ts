/**
 * Cuts a stream of bytes, split anywhere, into a banner and frames; the same steps for all three layouts.
 *
 * A message in the clear that is all there is read where it lies: nothing is copied or allocated for it. Of everything else
 * one part is collected at a time: the head (preamble, in secure mode with the beginning of the first segment), the rest of
 * the first segment, all others, and what ends the frame. Each has its exact size, and that size is judged before memory is
 * taken: until authentication all bytes of a peer together; later a control frame by its limit and a message by the
 * session, which sees the header first. What a message is said to have is only said: its memory is taken as its bytes come,
 * eight times as much as there is of it at most. After a fault the decoder is deaf.
 */
import type { InkwireErrorCode } from '../../common/errors.ts'
import { readUint32 } from '../../wire/native/bytes.ts'
import type { WireContext } from '../../wire/wire.ts'
import { BANNER_BYTES, refuseBannerBytes, readBanner, type Banner } from './banner.ts'
import type { SecureChannel } from './crypto.ts'
import { CONTROL_BYTES_MAX, HEADER_BYTES, PREAMBLE_BYTES, TAG, tagName, type Revision } from './format.ts'
import {
  ALTERED,
  Layout,
  refuseBody,
  refuseSegment,
  SecureLayout,
  TAIL_BYTES,
  type FrameLayout,
} from './frame-layout.ts'
import { emptyHeader, readMessageHeader, refuseHeader, type MessageHeader } from './message-header.ts'
import { emptyPreamble, othersBytes, readPreamble, type Preamble } from './preamble.ts'

/** What a FrameDecoder tells. Payloads of control frames are the receiver's to keep. */
export interface FrameReceiver {
  banner(banner: Banner): void
  /** Why a frame must not come now, or null. */
  refuses(tag: number): string | null
  control(tag: number, payload: Uint8Array): void
  /** A message begins: `null` takes it, text says why not. Asked before memory is taken. */
  header(header: MessageHeader, bytes: number): string | null
  /**
   * It is whole: front, middle and data end to end in `body` from `offset` on; `lengths` are those of the header and of
   * these three. Header and lengths are overwritten by the next message. `stable` false: the body is gone when this returns.
   */
  message(header: MessageHeader, body: Uint8Array, offset: number, lengths: readonly number[], stable: boolean): void
  /** Called once; nothing follows. */
  fault(code: InkwireErrorCode, reason: string): void
}

/** What a FrameDecoder needs to know of its messenger. */
export type DecoderContext = Pick<WireContext, 'limits' | 'allocate'>

type Part = 'banner' | 'head' | 'first' | 'body' | 'tail' | 'nothing'

const NOTHING = new Uint8Array(0)
/** A smaller array is cheaper to clear than memory of its own is to get. */
const ALLOCATE_BYTES_MIN = 4096
/** Up to here the memory of a message is taken at once: a link costs the kernel more than that. */
const ADVANCE_BYTES = 64 * 1024
/** Each time that it is full there is this many times as much, or all of it when that is not twice as much again. */
const GROWTH = 4
/** Preamble, header, and the header's checksum. */
const MESSAGE_HEAD_BYTES = PREAMBLE_BYTES + HEADER_BYTES + 4

export class FrameDecoder {
  readonly #receiver: FrameReceiver
  readonly #context: DecoderContext
  #layout: FrameLayout = new Layout(1)
  #part: Part = 'banner'
  #bytes: Uint8Array = new Uint8Array(BANNER_BYTES)
  #filled = 0
  /** Bytes that are here already, behind the part that was completed last. */
  #ahead = 0
  /** How long the part is that is collected; its array may be shorter for a while. */
  #wanted = BANNER_BYTES
  readonly #preamble = emptyPreamble()
  readonly #header = emptyHeader()
  #first: Uint8Array = NOTHING
  #body: Uint8Array = NOTHING
  /** What an unauthenticated peer may still send; Infinity once it is authenticated. */
  #allowanceBytes: number
  /** Everything received so far, for the signature; null once that is checked. */
  #transcript: Uint8Array[] | null = []

  constructor(receiver: FrameReceiver, context: DecoderContext) {
    this.#receiver = receiver
    this.#context = context
    this.#allowanceBytes = context.limits.handshakeBytes - BANNER_BYTES
  }

  use(revision: Revision): void {
    this.#layout = new Layout(revision)
  }

  /** Everything from the next frame on is encrypted. */
  secure(channel: SecureChannel): void {
    this.#layout = new SecureLayout(channel)
    if (this.#part === 'head' && this.#filled === 0) this.#collect('head', this.#layout.headBytes)
  }

  /** All that was received up to here, for the last time. */
  takeTranscript(): Uint8Array[] {
    const transcript = this.#transcript ?? []
    this.#transcript = null
    return transcript
  }

  /** From here on each frame has a limit of its own. */
  authenticated(): void {
    this.#allowanceBytes = Infinity
  }

  /** Ignores everything from here on. */
  stop(): void {
    this.#part = 'nothing'
    this.#bytes = this.#first = this.#body = NOTHING
    this.#transcript = null
  }

  receive(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && this.#part !== 'nothing';) {
      const end = this.#part === 'head' && this.#filled === 0 ? this.#inPlace(chunk, at) : at
      at = end > at ? end : this.#fill(chunk, at)
    }
  }

  /** Reads a message that is all there; returns its end, or `at` when this is none. */
  #inPlace(chunk: Uint8Array, at: number): number {
    if (chunk[at] !== TAG.MESSAGE || chunk.length - at < MESSAGE_HEAD_BYTES) return at
    if (!this.#layout.isPlain || this.#transcript !== null || this.#allowanceBytes !== Infinity) return at
    const preamble = this.#preamble
    // What is wrong with it is told by the long way, as is everything that is not here yet.
    if (readPreamble(chunk, at, preamble) !== null || preamble.lengths[0] !== HEADER_BYTES) return at
    const bodyAt = at + MESSAGE_HEAD_BYTES
    const bodyEnd = bodyAt + othersBytes(preamble)
    const end = preamble.count === 1 ? bodyEnd : bodyEnd + TAIL_BYTES
    if (end > chunk.length) return at
    const refused = this.#receiver.refuses(TAG.MESSAGE)
    if (refused !== null) return this.#faulty('INK_INCOMPATIBLE', refused, end)
    const headerAt = at + PREAMBLE_BYTES
    const damage = refuseSegment(chunk, headerAt, bodyAt - 4, readUint32(chunk, bodyAt - 4))
    if (damage !== null) return this.#faulty('INK_RESET', damage, end)
    if (!this.#begin(chunk, headerAt)) return end
    const altered = refuseBody(preamble, chunk, bodyAt, chunk, bodyEnd)
    if (altered !== null) return this.#faulty('INK_RESET', altered, end)
    this.#receiver.message(this.#header, chunk, bodyAt, preamble.lengths, false)
    return end
  }

  #fill(chunk: Uint8Array, at: number): number {
    if (this.#filled === this.#bytes.length) this.#grow()
    if (this.#isDeaf()) return at
    const end = Math.min(chunk.length, at + this.#bytes.length - this.#filled)
    this.#bytes.set(chunk.subarray(at, end), this.#filled)
    this.#filled += end - at
    if (this.#part === 'banner') {
      const reason = refuseBannerBytes(this.#bytes, this.#filled)
      if (reason !== null) this.#fault('INK_INCOMPATIBLE', reason)
    }
    this.#ahead = chunk.length - end
    if (this.#filled === this.#wanted) this.#complete()
    return end
  }

  #complete(): void {
    const bytes = this.#bytes
    this.#transcript?.push(bytes)
    switch (this.#part) {
      case 'banner':
        this.#collect('head', PREAMBLE_BYTES)
        this.#receiver.banner(readBanner(bytes))
        break
      case 'head':
        this.#head(bytes)
        break
      case 'first':
        this.#take(this.#layout.first(this.#preamble, this.#first, bytes))
        break
      case 'body':
        this.#afterBody(bytes)
        break
      case 'tail':
        this.#finish(bytes)
        break
      case 'nothing':
        break
    }
  }

  #collect(part: Part, length: number): void {
    this.#part = part
    this.#bytes = new Uint8Array(length)
    this.#filled = 0
    this.#wanted = length
  }

  #head(bytes: Uint8Array): void {
    const plain = this.#layout.head(bytes)
    if (plain === null) {
      this.#fault('INK_RESET', ALTERED)
      return
    }
    const preamble = this.#preamble
    const wrong = readPreamble(plain, 0, preamble)
    if (wrong !== null) {
      this.#fault('INK_INCOMPATIBLE', wrong)
      return
    }
    const firstBytes = this.#layout.firstBytes(preamble)
    const reason = this.#refuse(preamble, bytes.length + firstBytes)
    if (reason !== null) {
      this.#fault('INK_INCOMPATIBLE', reason)
      return
    }
    this.#first = plain.subarray(PREAMBLE_BYTES)
    if (firstBytes > 0) this.#collect('first', firstBytes)
    else this.#take(this.#layout.first(preamble, this.#first, NOTHING))
  }

  #refuse({ tag, count, lengths }: Preamble, bytes: number): string | null {
    if (tagName(tag) === undefined) return `there is no frame with tag ${tag}`
    const [first = 0] = lengths
    if (tag === TAG.MESSAGE) {
      if (first !== HEADER_BYTES) return `a message whose header has ${first} bytes`
    } else if (count > 1) return `${tagName(tag)} has ${count} segments`
    else if (first > CONTROL_BYTES_MAX) return `${tagName(tag)} of ${first} bytes; the limit is ${CONTROL_BYTES_MAX}`
    this.#allowanceBytes -= bytes
    if (this.#allowanceBytes < 0) return `more than ${this.#context.limits.handshakeBytes} bytes before authentication`
    return this.#receiver.refuses(tag)
  }

  /** The first segment is whole, or text says why it must not be taken. */
  #take(first: Uint8Array | string): void {
    if (typeof first === 'string') {
      this.#fault('INK_RESET', first)
      return
    }
    if (this.#preamble.tag === TAG.MESSAGE && !this.#begin(first, 0)) return
    this.#first = first
    const bodyBytes = this.#layout.bodyBytes(this.#preamble)
    if (bodyBytes === 0) this.#afterBody(NOTHING)
    else this.#await(bodyBytes)
  }

  /** The header of a message is at `at`. False after a fault. */
  #begin(bytes: Uint8Array, at: number): boolean {
    const header = this.#header
    readMessageHeader(bytes, at, header)
    const reason = refuseHeader(header) ?? this.#receiver.header(header, othersBytes(this.#preamble))
    if (reason !== null) this.#fault('INK_INCOMPATIBLE', reason)
    return !this.#isDeaf()
  }

  /** Makes room for the other segments, or for their beginning; all of it will be written. */
  #await(bytes: number): void {
    this.#part = 'body'
    this.#filled = 0
    this.#wanted = bytes
    const first = this.#roomAfter(Math.max(ADVANCE_BYTES / GROWTH, this.#ahead))
    this.#bytes = NOTHING
    if (first < ALLOCATE_BYTES_MIN) this.#bytes = new Uint8Array(first)
    else this.#room(first)
  }

  #grow(): void {
    const begun = this.#bytes
    this.#room(this.#roomAfter(begun.length))
    if (!this.#isDeaf()) this.#bytes.set(begun)
  }

  #roomAfter(bytes: number): number {
    const next = bytes * GROWTH
    return next * 2 < this.#wanted ? next : this.#wanted
  }

  #room(bytes: number): void {
    try {
      this.#bytes = this.#context.allocate(bytes)
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown
      this.#fault('INK_RESET', `there is no memory for a message of ${this.#wanted} bytes`)
    }
  }

  #afterBody(bytes: Uint8Array): void {
    const tailBytes = this.#layout.tailBytes(this.#preamble)
    this.#body = bytes
    if (tailBytes > 0) this.#collect('tail', tailBytes)
    else this.#finish(NOTHING)
  }

  #finish(tail: Uint8Array): void {
    const body = this.#layout.body(this.#preamble, this.#first, this.#body, tail)
    if (typeof body === 'string') this.#fault('INK_RESET', body)
    else this.#deliver(body)
  }

  #deliver(body: Uint8Array): void {
    const { tag, lengths } = this.#preamble
    const first = this.#first
    this.#first = this.#body = NOTHING
    // The receiver may change the layout: the head's size is not known before it has heard.
    this.#part = 'head'
    if (tag === TAG.MESSAGE) this.#receiver.message(this.#header, body, 0, lengths, true)
    else this.#receiver.control(tag, first)
    if (!this.#isDeaf()) this.#collect('head', this.#layout.headBytes)
  }

  /** The receiver may have stopped us. */
  #isDeaf(): boolean {
    return this.#part === 'nothing'
  }

  #fault(code: InkwireErrorCode, reason: string): void {
    this.stop()
    this.#receiver.fault(code, reason)
  }

  #faulty(code: InkwireErrorCode, reason: string, end: number): number {
    this.#fault(code, reason)
    return end
  }
}
