/**
 * Explains the native protocol (docs/PROTOCOL.md) with the decoder that ships: it cuts and judges the frames, and what it reads of
 * them is told here with names.
 *
 * One direction is all that there is, so nothing is said about order and credit. The kind of checksum of MESSAGES is that of
 * OPENED, and that of the first such frame where OPENED went the other way. Memory: one frame, of at most 64 MiB; the chunks of a
 * message are counted and thrown away.
 */
import type { InkwireErrorCode } from '../../common/errors.ts'
import { toHex } from '../../common/bytes.ts'
import { bannerChecksums, encodeBanner, refuseBanner } from '../../wire/native/banner.ts'
import { readUint16, readUint32 } from '../../wire/native/bytes.ts'
import { MalformedFrame } from '../../wire/native/control-fields.ts'
import { decodeHello, decodeOpened } from '../../wire/native/control-frames.ts'
import { capabilitiesWith } from '../../wire/native/features.ts'
import * as format from '../../wire/native/format.ts'
import { FrameDecoder, type FrameReceiver } from '../../wire/native/frame-decoder.ts'
import { MessagesReader } from './native-messages.ts'
import { CHECKSUMS, payloadOf } from './native-payloads.ts'
import { fieldsOf, type Allocate, type Explainer, type Field, type Hearer } from './piece.ts'

const { TAG, CHECKSUM, FRAME_FLAG, CHECKSUM_OFFSET, CONTROL_HEADER_BYTES, MESSAGES_HEADER_BYTES } = format
/** The largest that the option `frameBytes` can be. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024

export class NativeExplainer implements Explainer, FrameReceiver {
  current = 'banner'
  readonly #hearer: Hearer
  readonly #max: number
  readonly #frames: FrameDecoder
  readonly #messages: MessagesReader
  #expects: 'banner' | 'frames'
  /** The kind of MESSAGES frames is known. */
  #agreed = false
  #at = 0
  #head = new Uint8Array(0)

  /** `from`: what the first bytes are; `max`: so many bytes of a body are shown. */
  constructor(hearer: Hearer, from: 'banner' | 'frames', max: number, allocate: Allocate) {
    this.#hearer = hearer
    this.#max = max
    this.#expects = from
    this.#messages = new MessagesReader(allocate, max)
    const limits = { handshakeBytes: Infinity, frameBytes: FRAME_BYTES_MAX }
    this.#frames = new FrameDecoder(this, { limits, allocate })
    if (from === 'frames') this.#frames.receive(encodeBanner(1 << CHECKSUM.CRC32C))
  }

  get headBytes(): number {
    return this.#expects === 'banner' ? format.BANNER_BYTES : format.COMMON_HEADER_BYTES
  }

  begin(head: Uint8Array, at: number): number {
    this.#at = at
    if (this.#expects === 'banner') {
      this.#frames.receive(head)
      this.#expects = 'frames'
      return head.length
    }
    this.#head = head.slice()
    const tag = head[0]!
    this.current = format.tagName(tag) ?? `frame ${tag}`
    const kind = head[1]! & FRAME_FLAG.CHECKSUM
    if (tag === TAG.MESSAGES && !this.#agreed && (kind === CHECKSUM.CRC32C || kind === CHECKSUM.NONE)) this.#agree(kind)
    this.#frames.receive(head)
    return this.#total()
  }

  take(bytes: Uint8Array): void {
    this.#frames.receive(bytes)
  }

  // What the decoder tells.

  banner(banner: Uint8Array): void {
    // The one that was made for bytes that begin with a frame.
    if (this.#expects === 'frames') return
    const at = this.#at
    const mask = bannerChecksums(banner)
    const fields = [
      { at, name: 'magic', value: 'INKWIRE\\n' },
      { at: at + 8, name: 'version', value: readUint16(banner, 8) },
      { at: at + 10, name: 'checksums', value: CHECKSUMS.filter((_, kind) => (mask & (1 << kind)) !== 0) },
      { at: at + 12, name: 'not looked at', value: toHex(banner.subarray(12)) },
    ]
    this.#hearer.piece({ at, bytes: banner.length, frame: 'banner', fields })
    const reason = refuseBanner(banner)
    if (reason !== null) this.#stop('INK_INCOMPATIBLE', reason)
  }

  refuses(): null {
    return null
  }

  control(tag: number, frame: Uint8Array): void {
    const payload = frame.subarray(CONTROL_HEADER_BYTES)
    const name = format.tagName(tag)!
    if (name === 'MESSAGES') return
    const fields = this.#headerFields('matches')
    let wrong: string | null = null
    try {
      fields.push(...fieldsOf(payloadOf(name, payload), this.#at + CONTROL_HEADER_BYTES, this.#max))
      if (name === 'HELLO') this.#messages.know(capabilitiesWith(decodeHello(payload).features))
      if (name === 'OPENED') this.#agree(decodeOpened(payload).checksum)
    } catch (thrown) {
      if (!(thrown instanceof MalformedFrame)) throw thrown
      wrong = `${name}: ${thrown.message}`
    }
    this.#piece(fields)
    if (wrong !== null) this.#stop('INK_INCOMPATIBLE', wrong)
  }

  messages(bytes: Uint8Array, at: number, end: number): void {
    const frame = bytes.subarray(at, end)
    const { fields, wrong } = this.#messages.read(frame, this.#at)
    const checked = (frame[1]! & FRAME_FLAG.CHECKSUM) === CHECKSUM.NONE ? 'not checked' : 'matches'
    this.#piece([...this.#headerFields(checked), ...fields])
    if (wrong !== null) this.#stop('INK_INCOMPATIBLE', wrong)
  }

  place(): null {
    return null
  }

  placed(): void {
    // Nothing has a place.
  }

  fault(code: InkwireErrorCode, reason: string): void {
    // INK_RESET: the head was sound, and the checksum was not.
    if (this.#expects === 'frames')
      this.#piece(this.#headerFields(code === 'INK_RESET' ? 'does not match' : 'not checked'))
    this.#stop(code, reason)
  }

  #total(): number {
    return readUint32(this.#head, 4) + (this.#head[0] === TAG.MESSAGES ? MESSAGES_HEADER_BYTES : CONTROL_HEADER_BYTES)
  }

  #agree(kind: format.ChecksumKind): void {
    this.#agreed = true
    this.#frames.agree(kind)
  }

  /** Of the first 12 bytes, which both kinds of frame have. */
  #headerFields(checksum: 'matches' | 'does not match' | 'not checked'): Field[] {
    const at = this.#at
    const head = this.#head
    const kind = head[1]! & FRAME_FLAG.CHECKSUM
    const flags = { checksum: CHECKSUMS[kind] ?? `kind ${kind}` }
    const isMessages = head[0] === TAG.MESSAGES
    const ackNow = (head[1]! & FRAME_FLAG.ACK_NOW) !== 0
    return [
      { at, name: 'tag', value: head[0]! },
      { at: at + 1, name: 'flags', value: isMessages ? { ...flags, ackNow } : flags },
      ...(isMessages ? [{ at: at + 2, name: 'lane', value: head[2]! }] : []),
      { at: at + 4, name: 'length', value: readUint32(head, 4) },
      { at: at + 8, name: 'checksum', value: { stated: toHex(head.subarray(CHECKSUM_OFFSET)), verdict: checksum } },
    ]
  }

  #piece(fields: readonly Field[]): void {
    this.#hearer.piece({ at: this.#at, bytes: this.#total(), frame: this.current, fields })
  }

  #stop(code: InkwireErrorCode, reason: string): void {
    this.#frames.stop()
    this.#hearer.stop({ at: this.#at, code, reason })
  }
}
