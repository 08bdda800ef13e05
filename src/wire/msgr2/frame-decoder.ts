/**
 * Cuts a stream of bytes, split anywhere, into a banner and frames; the same steps for all three layouts.
 *
 * One part is collected at a time: the head (preamble, in secure mode with the beginning of the first segment), the rest
 * of the first segment, then all others. Each has its exact size, and that size is judged before memory is taken: until
 * authentication all bytes of a peer together; later a control frame by its limit and a message by the session, which
 * sees the header first. After a fault the decoder is deaf.
 */
import type { InkwireErrorCode } from '../../common/errors.ts'
import type { WireLimits } from '../wire.ts'
import { BANNER_BYTES, refuseBannerBytes, readBanner, type Banner } from './banner.ts'
import type { SecureChannel } from './crypto.ts'
import { CONTROL_BYTES_MAX, HEADER_BYTES, PREAMBLE_BYTES, TAG, tagName, type Revision } from './format.ts'
import { Layout, SecureLayout, type FrameLayout } from './frame-layout.ts'
import { readMessageHeader, refuseHeader, type MessageHeader } from './message-header.ts'
import { readPreamble, type Preamble } from './preamble.ts'

/** What a FrameDecoder tells. Payloads are the receiver's to keep. */
export interface FrameReceiver {
  banner(banner: Banner): void
  /** Why a frame must not come now, or null. */
  refuses(tag: number): string | null
  control(tag: number, payload: Uint8Array): void
  /** A message begins: `null` takes it, text says why not. Asked before memory is taken. */
  header(header: MessageHeader, bytes: number): string | null
  /** It is whole: front, middle and data end to end, with their lengths. */
  message(header: MessageHeader, body: Uint8Array, lengths: readonly number[]): void
  /** Called once; nothing follows. */
  fault(code: InkwireErrorCode, reason: string): void
}

type Part = 'banner' | 'head' | 'first' | 'rest' | 'nothing'

export class FrameDecoder {
  readonly #receiver: FrameReceiver
  readonly #limits: WireLimits
  #layout: FrameLayout = new Layout(1)
  #part: Part = 'banner'
  #bytes = new Uint8Array(BANNER_BYTES)
  #filled = 0
  #preamble: Preamble = { tag: 0, lengths: [] }
  #first: Uint8Array = new Uint8Array(0)
  #header: MessageHeader | null = null
  /** What an unauthenticated peer may still send; Infinity once it is authenticated. */
  #allowanceBytes: number
  /** Everything received so far, for the signature; null once that is checked. */
  #transcript: Uint8Array[] | null = []

  constructor(receiver: FrameReceiver, limits: WireLimits) {
    this.#receiver = receiver
    this.#limits = limits
    this.#allowanceBytes = limits.handshakeBytes - BANNER_BYTES
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
    this.#bytes = this.#first = new Uint8Array(0)
    this.#transcript = null
  }

  receive(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && this.#part !== 'nothing';) {
      const end = Math.min(chunk.length, at + this.#bytes.length - this.#filled)
      this.#bytes.set(chunk.subarray(at, end), this.#filled)
      this.#filled += end - at
      at = end
      if (this.#part === 'banner') {
        const reason = refuseBannerBytes(this.#bytes, this.#filled)
        if (reason !== null) this.#fault('INK_INCOMPATIBLE', reason)
      }
      if (this.#filled === this.#bytes.length) this.#complete()
    }
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
      case 'rest':
        this.#rest(bytes)
        break
      case 'nothing':
        break
    }
  }

  #collect(part: Part, length: number): void {
    this.#part = part
    this.#bytes = new Uint8Array(length)
    this.#filled = 0
  }

  #head(bytes: Uint8Array): void {
    const plain = this.#layout.head(bytes)
    if (plain === null) {
      this.#fault('INK_RESET', ALTERED)
      return
    }
    const preamble = readPreamble(plain)
    if (typeof preamble === 'string') {
      this.#fault('INK_INCOMPATIBLE', preamble)
      return
    }
    const firstBytes = this.#layout.firstBytes(preamble)
    const reason = this.#refuse(preamble, bytes.length + firstBytes)
    if (reason !== null) {
      this.#fault('INK_INCOMPATIBLE', reason)
      return
    }
    this.#preamble = preamble
    this.#first = plain.subarray(PREAMBLE_BYTES)
    if (firstBytes > 0) this.#collect('first', firstBytes)
    else this.#take(this.#layout.first(preamble, this.#first, new Uint8Array(0)))
  }

  #refuse({ tag, lengths }: Preamble, bytes: number): string | null {
    if (tagName(tag) === undefined) return `there is no frame with tag ${tag}`
    const [first = 0] = lengths
    if (tag === TAG.MESSAGE) {
      if (first !== HEADER_BYTES) return `a message whose header has ${first} bytes`
    } else if (lengths.length > 1) return `${tagName(tag)} has ${lengths.length} segments`
    else if (first > CONTROL_BYTES_MAX) return `${tagName(tag)} of ${first} bytes; the limit is ${CONTROL_BYTES_MAX}`
    this.#allowanceBytes -= bytes
    if (this.#allowanceBytes < 0) return `more than ${this.#limits.handshakeBytes} bytes before authentication`
    return this.#receiver.refuses(tag)
  }

  /** The first segment is whole; null: it was altered. */
  #take(first: Uint8Array | null): void {
    const { tag, lengths } = this.#preamble
    if (first === null) {
      this.#fault('INK_RESET', ALTERED)
      return
    }
    if (tag === TAG.MESSAGE) {
      const header = readMessageHeader(first)
      const bytes = lengths.slice(1).reduce((sum, length) => sum + length, 0)
      const reason = refuseHeader(header) ?? this.#receiver.header(header, bytes)
      if (reason !== null) {
        this.#fault('INK_INCOMPATIBLE', reason)
        return
      }
      this.#header = header
    }
    if (this.#isDeaf) return
    this.#first = first
    const restBytes = this.#layout.restBytes(this.#preamble)
    if (restBytes > 0) this.#collect('rest', restBytes)
    else this.#deliver(new Uint8Array(0))
  }

  #rest(bytes: Uint8Array): void {
    const body = this.#layout.rest(this.#preamble, this.#first, bytes)
    if (typeof body === 'string') this.#fault('INK_RESET', body)
    else this.#deliver(body)
  }

  #deliver(body: Uint8Array): void {
    const { tag, lengths } = this.#preamble
    const header = this.#header
    const first = this.#first
    this.#header = null
    this.#first = new Uint8Array(0)
    // The receiver may change the layout: the head's size is not known before it has heard.
    this.#part = 'head'
    if (header !== null) this.#receiver.message(header, body, lengths.slice(1))
    else this.#receiver.control(tag, first)
    if (!this.#isDeaf) this.#collect('head', this.#layout.headBytes)
  }

  /** The receiver may have stopped us. */
  get #isDeaf(): boolean {
    return this.#part === 'nothing'
  }

  #fault(code: InkwireErrorCode, reason: string): void {
    this.stop()
    this.#receiver.fault(code, reason)
  }
}

const ALTERED = 'the checksum or seal of a frame does not match: its bytes were altered on the way'
